"""Flags made from the configuration, and commands that end in one line and an exit code."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import click

from lens_site.config import BuildConfig
from lens_site.errors import LensError

Command = TypeVar("Command", bound=Callable[..., Any])

NOT_FLAGS = {"strategies"}
"""Fields of the configuration that only the TOML file sets."""

SHORT = {"concepts": "-k"}


HELP = {"help_option_names": ["-h", "--help"]}


class LensGroup(click.Group):
    """Turns the errors of Lens into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return _translated(lambda: click.Group.invoke(self, ctx))


class LensCommand(click.Command):
    """The same for a command that is called on its own, ``lens-build``."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", HELP)
        super().__init__(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return _translated(lambda: click.Command.invoke(self, ctx))


def _translated(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except LensError as error:
        click.secho(f"lens: {error}", err=True, fg="red")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo(
            "lens: interrupted; finished classes are kept, the same command goes on", err=True
        )
        sys.exit(130)


def build_options(command: Command) -> Command:
    """One flag per field of BuildConfig; an unset flag is None, so that the TOML file wins."""
    return options(name for name in BuildConfig.model_fields if name not in NOT_FLAGS)(command)


def options(names: Iterable[str]) -> Callable[[Command], Command]:
    """Add the flags of these fields of BuildConfig."""

    def decorate(command: Command) -> Command:
        for name in reversed(list(names)):
            command = _option(name)(command)
        return command

    return decorate


def _option(name: str) -> Callable[[Command], Command]:
    spec = BuildConfig.model_fields[name]
    default = spec.default
    help_text = (spec.description or "") + (
        f" [default: {default}]" if default is not None and default is not False else ""
    )
    return click.option(
        "--" + name.replace("_", "-"),
        *filter(None, [SHORT.get(name)]),
        name,
        help=help_text,
        **_kind(name, spec.annotation),
    )


def _kind(name: str, annotation: Any) -> dict[str, Any]:
    """Flag type of a field; values are checked in one place, by BuildConfig."""
    if annotation is bool:
        return {"is_flag": True, "default": None}
    if get_origin(annotation) is Literal:
        return {"metavar": "|".join(get_args(annotation))}
    if name == "concepts":
        return {"metavar": "INTEGER|auto"}
    if name in ("min_images", "max_images", "seed", "workers", "batch_size"):
        return {"type": int}
    if name in ("weights", "out"):
        return {"type": click.Path(path_type=Path)}
    return {"metavar": "TEXT"}


OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("build"),
    show_default=True,
    help="Folder of the build: results in OUT/results, the site in OUT/site.",
)

JSON = click.option(
    "--json", "target", type=click.Path(path_type=Path), help="Also write the figures to this file."
)
