"""``lens verify``: classes computed again and compared with what is stored."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from lens_site.cli.commands import main
from lens_site.cli.options import OUT, LensCommand, options
from lens_site.cli.terminal import printable
from lens_site.config import LARGEST_SEED, load_config


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Classes to compute again.",
)
@click.option(
    "--draw",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="Seed that chooses them.",
)
@options(("data", "model", "weights", "device", "workers"))
def verify(out: Path, sample: int, draw: int, **flags: Any) -> None:
    """Compute some classes of the last run again and compare every byte with what is stored.

    The options are those of the run, but for where pictures and weights are. Exit codes: 0 all the
    same, 1 some class differs.

    Try: lens verify --sample 5 --data my-pictures --out build
    """
    from lens_site.cli import display
    from lens_site.engine import verify as engine
    from lens_site.results import latest_run, read_run

    run_dir = latest_run(out)
    run = read_run(run_dir)
    given = {name: value for name, value in flags.items() if value is not None}
    config = load_config(engine.config_of(run_dir, given))
    slugs = engine.sample_of(run, sample, seed=draw)
    progress = display.progress(out / "report.json")
    with tempfile.TemporaryDirectory() as scratch, progress as report:
        inside = config.model_copy(update={"out": Path(scratch)})
        verdicts = engine.verify(run_dir, slugs, inside, Path(scratch), report=report)
    for one in verdicts:
        what = (
            f"the same, {one.files} files"
            if one.is_same
            else one.reason or f"differs: {', '.join(one.differing)}"
        )
        click.echo(printable(f"{one.slug}  {what}"))
    wrong = sum(not one.is_same for one in verdicts)
    if wrong:
        click.secho(f"lens: {wrong} of {len(verdicts)} classes differ", err=True, fg="red")
        sys.exit(1)
    click.echo(f"{len(verdicts)} of {run_dir.name}: the same to the byte")
