"""The templates' environment: everything escaped, unknown names refused, charts drawn.

Templates of the user's stand in place of ours of the same name; ours stay reachable from them, as
``lens:pages/home.html``. Texts are in the language of the site.
"""

import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    pass_environment,
)
from markupsafe import Markup

from lens_site.errors import ConfigError, did_you_mean, first_line
from lens_site.site import charts, language, markdown
from lens_site.site.numbers import whole
from lens_site.site.publish.pieces import beside, folder
from lens_site.site.retold import retell

OURS = "lens"
"""Before the name of a template of ours that the user's stands in place of."""

KINDS = (".html", ".xml")


def environment(texts: Mapping[str, str] | None = None, own: Path | None = None) -> Environment:
    """Return an environment that finds the user's templates, ours, ``texts``, those of modules.

    A template from outside is found by the dotted name of its module, so that none of ours can be
    taken for it.
    """
    ours = FileSystemLoader(folder("templates"))
    loaders: list[BaseLoader] = [
        *([FileSystemLoader(own)] if own else []),
        ours,
        PrefixLoader({OURS: ours}, delimiter=":"),
        DictLoader(dict(texts or {})),
        FunctionLoader(_read_beside),
    ]
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    made.policies["ext.i18n.trimmed"] = True
    made.filters |= {
        "draw": draw,
        "whole": whole,
        "local": language.local,
        "say": language.say,
        "retell": retell,
        "markdown": markdown.line,
    }
    spoken = language.now().translations
    made.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.ngettext, newstyle=True, pgettext=spoken.pgettext,
        npgettext=spoken.npgettext,
    )  # fmt: skip
    return made


@pass_environment
def draw(environment: Environment, chart: object) -> Markup:
    """Draw a chart by the template that carries the name of the module of its dataclass."""
    module = type(chart).__module__
    package, _, name = module.rpartition(".")
    template = f"charts/{name}.html" if package == charts.__name__ else module
    return Markup(environment.get_template(template).render(chart=chart))


def check(own: Path) -> None:
    """Parse the user's templates, and see that each stands for one of ours or is asked for.

    Raises
    ------
    ConfigError
        Naming the file, and the line of a mistake.
    """
    if not own.is_dir():
        raise ConfigError(f"templates: {own} is no folder; give one that holds templates")
    made, ours = environment(own=own), set(_names(folder("templates")))
    theirs, asked = sorted(_names(own)), set[str]()
    for name in theirs:
        with told(own):
            source = (own / name).read_text(encoding="utf-8")
            made.compile(source, name, str(own / name))
            asked |= {n for n in meta.find_referenced_templates(made.parse(source)) if n}
    for name in sorted(asked):
        if name not in theirs and name.removeprefix(f"{OURS}:") not in ours:
            raise ConfigError(f"templates: no {name!r} is there{did_you_mean(name, ours)}")
    for name in theirs:
        if name not in ours | asked:
            hint = did_you_mean(name, ours) or f"; ours lie in {folder('templates')}"
            raise ConfigError(
                f"templates: {own / name} stands for none of ours, and no template of yours asks "
                f"for it{hint}"
            )


@contextmanager
def told(own: Path | None) -> Iterator[None]:
    """Tell a mistake in a template of the user's in one line, with its file and line."""
    try:
        yield
    except Exception as error:  # what a template calls may raise anything
        place = _place(error, own)
        if place is None:
            raise
        raise ConfigError(f"templates: {place}: {_mistake(error)}") from None


def _place(error: Exception, own: Path | None) -> str | None:
    if own is None:
        return None
    if isinstance(error, TemplateSyntaxError):
        inside = error.filename and Path(error.filename).is_relative_to(own)
        return f"{error.filename}:{error.lineno}" if inside else None
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f for f in frames if Path(f.filename).is_relative_to(own)]
    return f"{lines[-1].filename}:{lines[-1].lineno}" if lines else None


def _mistake(error: Exception) -> str:
    said = first_line(error)
    if isinstance(error, TemplateNotFound):
        return f"no template {said!r}"
    return re.sub(r"'lens_site[\w.]*\.(\w+) object'", r"'\1'", said)


def _names(above: Path) -> Iterator[str]:
    for path in above.rglob("*"):
        if path.is_file() and path.suffix in KINDS:
            yield path.relative_to(above).as_posix()


def _read_beside(module: str) -> str | None:
    source = getattr(sys.modules.get(module), "__file__", None)
    path = beside(Path(source), ".html") if source else None
    return path.read_text(encoding="utf-8") if path and path.is_file() else None
