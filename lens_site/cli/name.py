"""``lens name``: names for concepts by an image-text model."""

from pathlib import Path

import click

from lens_site import lock
from lens_site.cli.commands import main
from lens_site.cli.options import OUT, FilePath, LensCommand
from lens_site.cli.terminal import printable


@main.command(cls=LensCommand)
@click.option(
    "--vocabulary", type=FilePath(), required=True, help="Text file, one term a line, in UTF-8."
)
@click.option(
    "--encoder",
    "word",
    metavar="TEXT",
    help="Image-text model of your own: package.module:factory. [default: OpenCLIP, by the extra "
    "'name']",
)
@OUT
def name(vocabulary: Path, word: str | None, out: Path) -> None:
    """Name the concepts of the last run by a model that knows pictures and words.

    The term that tells half of a concept's tiles from tiles with little of it is judged on the
    other half; under the threshold the concept stays unnamed. Names are claims of that model;
    OUT/results/RUN/names.json holds them, lens render shows them.

    Try: lens name --vocabulary words.txt && lens render
    """
    from lens_site.cli import display
    from lens_site.naming import encoder, name_run
    from lens_site.naming.vocabulary import read
    from lens_site.results import latest_run, store

    words, run_dir = read(vocabulary), latest_run(out)
    model = encoder.load(word or encoder.DEFAULT)
    with lock.held(out), display.steps() as heard:
        names = name_run(run_dir, words, model, heard)
        store.write_names(run_dir, names)
    sure = sum(one.score >= names.threshold for one in names.names)
    click.echo(
        printable(
            f"{sure} concepts named by {names.model}, {len(names.names) - sure} tried and left "
            f"unnamed; lens render --out {out} shows them"
        )
    )
