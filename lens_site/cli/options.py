"""Flags made from the configuration, and commands that end in one line and an exit code."""

import inspect
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import click

from lens_site.cli.terminal import printable
from lens_site.config import BuildConfig, check_path, choices
from lens_site.errors import LensError

Command = TypeVar("Command", bound=Callable[..., Any])

NOT_FLAGS = {"strategies", "site"}
"""Fields of the configuration that only the TOML file sets."""

SHORT = {"concepts": "-k"}

HELP = {"help_option_names": ["-h", "--help"]}


def _whole(help_text: str) -> str:
    r"""Keep every line to copy one line, however narrow the terminal is.

    >>> _whole("It helps.\n\nTry: lens --help")
    'It helps.\n\n\x08\nTry: lens --help'
    """
    return re.sub(r"\n\n(?=Try: |eval )", "\n\n\b\n", inspect.cleandoc(help_text))


class LensGroup(click.Group):
    """Turns the errors of Lens into one line and an exit code."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.help = _whole(self.help or "")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return _translated(lambda: click.Group.invoke(self, ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with the whole first sentence of its help."""
        names = self.list_commands(ctx)
        commands = [(name, command) for name in names if (command := self.get_command(ctx, name))]
        whole = 10_000
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(whole)) for name, one in commands])


class LensCommand(click.Command):
    """The same for a command that is called on its own, ``lens-build``."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", HELP)
        super().__init__(*arguments, **settings)
        self.help = _whole(self.help or "")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return _translated(lambda: click.Command.invoke(self, ctx))


class Terminated(KeyboardInterrupt):
    """SIGTERM: what is under way is finished or rolled back, as when the user interrupts."""


def _translated(call: Callable[[], Any]) -> Any:
    try:
        with _terminable():
            return call()
    except LensError as error:
        click.secho(f"lens: {printable(error)}", err=True, fg="red")
        sys.exit(error.exit_code)
    except KeyboardInterrupt as signaled:
        how, code = ("ended", 143) if isinstance(signaled, Terminated) else ("interrupted", 130)
        click.echo(f"lens: {how}; finished classes are kept, the same command goes on", err=True)
        sys.exit(code)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a first SIGTERM unwind what is under way; a second one ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    help_text = spec.description or ""
    if not isinstance(default, bool) and default not in (None, ()):
        help_text += f" [default: {default}]"
    return click.option(
        "--" + name.replace("_", "-"),
        *filter(None, [SHORT.get(name)]),
        name,
        help=help_text,
        shell_complete=_complete(choices(name)),
        **_kind(name, spec.annotation),
    )


def _complete(words: Sequence[str]) -> Callable[..., list[str]]:
    """Let Tab complete words that an option knows, though it may take others, too."""
    return lambda ctx, param, begun: [word for word in words if word.startswith(begun)]


def _kind(name: str, annotation: Any) -> dict[str, Any]:
    """Flag type of a field; values are checked in one place, by BuildConfig."""
    if annotation is bool:
        return {"is_flag": True, "default": None}
    if words := choices(name):
        return {"metavar": "|".join(words)}
    parts = get_args(annotation) or (annotation,)
    if "auto" in _literals(parts):
        return {"metavar": "INTEGER|auto"}
    if int in _types(parts):
        return {"type": int}
    if Path in _types(parts):
        return {"type": FilePath()}
    return {"metavar": "TEXT"}


def _literals(parts: Iterable[Any]) -> set[Any]:
    return {word for part in parts if get_origin(part) is Literal for word in get_args(part)}


def _types(parts: Iterable[Any]) -> set[Any]:
    """Types without the conditions that ``Annotated`` adds."""
    return {get_args(part)[0] if get_origin(part) is Annotated else part for part in parts}


class FilePath(click.Path):
    """A path that can be one: neither empty nor longer than any system takes."""

    name = "path"

    def __init__(self, *, new: bool = False) -> None:
        super().__init__(path_type=Path)
        self.new = new
        """Whether a file will be written there: then its folder is looked at now, not later."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Check, and turn into a Path."""
        try:
            check_path(str(value))
            if self.new:
                _check_new_file(Path(value))
        except ValueError as error:
            self.fail(printable(error), param, ctx)
        return super().convert(value, param, ctx)


def _check_new_file(path: Path) -> None:
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise ValueError(f"{path} is no regular file; give the name of a file to write")
    above = next(p for p in (path.absolute().parent, *path.absolute().parents) if p.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise ValueError(f"{above} cannot be written; give another folder")


OUT = click.option(
    "--out",
    type=FilePath(),
    default=Path("build"),
    show_default=True,
    help="Folder of the build: results in OUT/results, the site in OUT/site.",
)

JSON = click.option(
    "--json", "target", type=FilePath(new=True), help="Also write the figures to this file."
)
