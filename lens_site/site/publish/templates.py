"""The templates' environment: everything escaped, unknown names refused, charts drawn."""

import sys
from collections.abc import Mapping
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    pass_environment,
)
from markupsafe import Markup

from lens_site.site import charts
from lens_site.site.publish.pieces import beside, folder


def environment(texts: Mapping[str, str] | None = None) -> Environment:
    """Return an environment that finds our templates, ``texts``, and those beside modules.

    A template from outside is found by the dotted name of its module, so that none of ours can be
    taken for it.
    """
    loaders: list[BaseLoader] = [
        FileSystemLoader(folder("templates")),
        DictLoader(dict(texts or {})),
        FunctionLoader(_read_beside),
    ]
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    made.filters["draw"] = draw
    return made


@pass_environment
def draw(environment: Environment, chart: object) -> Markup:
    """Draw a chart by the template that carries the name of the module of its dataclass."""
    module = type(chart).__module__
    package, _, name = module.rpartition(".")
    template = f"charts/{name}.html" if package == charts.__name__ else module
    return Markup(environment.get_template(template).render(chart=chart))


def _read_beside(module: str) -> str | None:
    source = getattr(sys.modules.get(module), "__file__", None)
    path = beside(Path(source), ".html") if source else None
    return path.read_text(encoding="utf-8") if path and path.is_file() else None
