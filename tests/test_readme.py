"""The README says what is true: its example runs, its options are those of ``--help``."""

import re
import subprocess
import sys
from pathlib import Path

import torch
from click.testing import CliRunner

from lens_site.config import load_config

README = Path(__file__).parents[1] / "README.md"
OPTIONS = re.compile(r"(<!-- generated: .*? -->\n```text\n).*?(```)", re.DOTALL)


def help_text() -> str:
    from lens_site.cli import build

    shown = CliRunner().invoke(build, ["--help"], prog_name="lens-build", terminal_width=96)
    return shown.output


def test_options_are_those_of_the_command() -> None:
    shown = OPTIONS.search(README.read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[0].partition("```text\n")[2].removesuffix("```") == help_text(), (
        "the options have changed; type: python tests/test_readme.py"
    )


def test_the_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, torch.Tensor] = {}
    exec(code[1], names)
    assert names["phi"].shape == (12, 5)
    assert float(names["phi"].sum()) > 0


def test_a_slurm_array_gives_every_task_its_shard(tmp_path: Path) -> None:
    script = re.search(r"```bash\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None
    stand_in = tmp_path / "lens-build"
    stand_in.write_text('#!/bin/sh\necho "$@"\n')
    stand_in.chmod(0o755)
    given = {
        "PATH": f"{tmp_path}:/usr/bin:/bin", "SLURM_CPUS_PER_TASK": "8",
        "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "16",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", script[1]], env=given, capture_output=True, text=True, check=True
    )
    flags = done.stdout.split()
    config = load_config({flags[i][2:]: flags[i + 1] for i in range(0, len(flags), 2)})
    assert (config.shard, config.workers, str(config.out)) == ("3-of-16", 8, "/shared/build")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert len(links) > 8
    assert [link for link in links if not (README.parent / link).exists()] == []


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(OPTIONS.sub(lambda m: m[1] + help_text() + m[2], text), encoding="utf-8")
    sys.exit(0)
