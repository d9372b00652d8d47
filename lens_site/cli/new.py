"""``lens new``: the configuration of a site, from answers or flags."""

import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from lens_site import atomic
from lens_site.cli.commands import main
from lens_site.cli.commented import commented, of_site
from lens_site.cli.options import FilePath, LensCommand, options
from lens_site.cli.terminal import printable
from lens_site.config import BuildConfig, load_config
from lens_site.errors import ConfigError, LensError, UsageError
from lens_site.results import identity
from lens_site.results.schema import Identity

ASKED = ("data", "model", "weights", "data_license")
"""Options of the build that everybody has something to say about, in the order of the questions."""

ASKED_OF_SITE = ("title", "license")


def _of_site(name: str) -> Callable[[Any], Any]:
    return click.option(f"--{name}", f"site_{name}", help=of_site(name))


@main.command(cls=LensCommand)
@click.argument("file", type=FilePath(new=True), default=Path("lens.toml"), metavar="[FILE]")
@options(ASKED)
@_of_site("title")
@_of_site("license")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def new(file: Path, force: bool, **flags: str | Path | None) -> None:
    """Write FILE (lens.toml), the configuration of a site, every option in it explained.

    On a terminal, asks for what no flag says; elsewhere flags and defaults are taken as they are.
    Pictures, model and weights are looked at first. The rest stands in FILE behind a #, with its
    default, to be changed by hand; paths in it go from where lens-build is called, those of [site]
    from FILE.

    Try: lens new --data my-pictures --model resnet50 --title "What our model sees"
    """
    if file.exists() and not force:
        raise UsageError(f"{file}: is there already; give another name, or --force to replace it")
    asking = sys.stdin.isatty()
    said = {name: _said(name, value, file.parent, asking) for name, value in flags.items()}
    given = {name: value for name, value in said.items() if name in ASKED and value is not None}
    own = {name: value for name in ASKED_OF_SITE if (value := said[f"site_{name}"])}
    config = load_config({**given, "site": identity.read(own, file.parent)})
    try:
        text = commented(config, given).encode()
    except UnicodeEncodeError as error:
        (line,) = error.object[: error.end].splitlines()[-1:]
        raise ConfigError(f"{file}: {line} … is no UTF-8, which TOML is; rename it") from None
    atomic.write_bytes(file, text)
    click.echo(printable(file))
    click.echo(printable(f"next: lens-build --config {shlex.quote(str(file))}"), err=True)


def _said(name: str, value: str | Path | None, folder: Path, asking: bool) -> str | None:
    """Return what was said by flag or is answered now, once it holds; None for the default."""
    look = partial(_look, name, folder)
    if value is not None:
        return look(str(value))
    return _ask(name, look) if asking else None


def _ask(name: str, look: Callable[[str], str]) -> str | None:
    key = name.removeprefix("site_")
    spec = (BuildConfig if key == name else Identity).model_fields[key]
    default = str(spec.default or "")

    def held(answer: str) -> str | None:
        try:
            return None if answer == default else look(answer)
        except LensError as error:
            raise click.BadParameter(printable(error)) from None

    click.secho(spec.description if key == name else of_site(key), dim=True)
    words = name.replace("_", " ") + ("" if default else " [none]")
    answer: str | None = click.prompt(
        words, default=default, show_default=bool(default), value_proc=held
    )
    return answer


def _look(name: str, folder: Path, value: str) -> str:
    """Return a value that a build can start with; raises UsageError for any other."""
    if name.startswith("site_"):
        identity.read({name.removeprefix("site_"): value}, folder)
        return value
    load_config({name: value})
    if name == "data":
        _look_at_pictures(value)
    elif name == "model":
        from lens_site.classifier import check_name

        check_name(value)
    elif name == "weights":
        from lens_site.classifier.load import read_state

        read_state(Path(value))
    return value


def _look_at_pictures(data: str) -> None:
    """Say what is there; what a build would first download is not looked at."""
    from lens_site.images import open_source, what_it_found
    from lens_site.images.sources.imagenette import TAKES
    from lens_site.images.splits import parse

    if parse(data, (TAKES,))[0] != TAKES:
        source = open_source(data)
        click.echo(printable(f"{source.name}: {what_it_found(source)}"), err=True)
