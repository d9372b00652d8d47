"""Help texts are whole in any terminal, and Tab completes."""

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from lens_site.cli import main


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


@pytest.mark.parametrize("command", [(), *commands(main)], ids=" ".join)
def test_help_is_whole_in_a_narrow_terminal(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*command, "--help"], terminal_width=60, prog_name="lens")
    assert done.exit_code == 0
    assert "..." not in done.output.replace("[ARGS]...", "").replace("[RUN]...", "")
    (line,) = (line for line in done.output.splitlines() if line.startswith("  Try: "))
    found: click.Command = main
    for word in command:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    assert (found.help or "").endswith(line.strip())


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("lens re", ["render"]),
        ("lens build --max", ["--max-images", "--max-size"]),
        ("lens build --extraction n", ["nmf"]),
        ("lens render --images t", ["thumbnails"]),
    ],
)
def test_tab_completes(words: str, completed: list[str]) -> None:
    code = "from lens_site.cli import main; main(prog_name='lens')"
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | asked | {"_LENS_COMPLETE": "bash_complete"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == completed, done.stderr
