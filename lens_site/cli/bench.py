"""The ``lens bench`` commands: every one prints its figures and takes ``--json FILE``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lens_site.cli.commands import main
from lens_site.cli.options import (
    JSON,
    Command,
    FilePath,
    LensCommand,
    LensGroup,
    build_options,
    options,
)
from lens_site.cli.terminal import printable
from lens_site.config import load_config

if TYPE_CHECKING:
    from lens_site.results.comparison import Comparison


@main.group(cls=LensGroup)
def bench() -> None:
    """Measure Lens: against itself, its peers and its limits.

    Try: lens bench build --data my-pictures --json build.json
    """


@bench.command("build", cls=LensCommand)
@click.option("--plan", "with_plan", is_flag=True, help="Also: hours and cost of all of ImageNet.")
@build_options
@JSON
def bench_build(with_plan: bool, target: Path | None, **flags: Any) -> None:
    """Compare a whole build with its own forward passes and its limits, in one run.

    Try: lens bench build --data my-pictures --plan --json build.json
    """
    from lens_site.bench.build import bench_build as measure

    figures = measure(
        load_config(flags), with_plan=with_plan, say=lambda line: click.echo(line, err=True)
    )
    _tell(figures, target)


SUBJECT = ("data", "model", "weights", "layer", "classes", "min_images", "concepts", "seed",
           "device", "workers", "batch_size")  # fmt: skip
"""Fields of the configuration that say what methods are compared on."""


def _comparison_options(command: Command) -> Command:
    """Add the flags that every comparison of methods has."""
    for decorate in reversed(
        (
            options(SUBJECT),
            click.option(
                "--images", "max_images", type=int, help="At most so many a class. [default: 400]"
            ),
            click.option(
                "--largest",
                type=click.IntRange(1),
                default=5,
                show_default=True,
                help="Measure on so many of the classes, those with most images.",
            ),
            JSON,
            click.option("--csv", "csv_file", type=FilePath(new=True), help="The same as CSV."),
            click.option(
                "--out",
                type=FilePath(),
                help="Folder of a build whose site shall show the table.",
            ),
        )
    ):
        command = decorate(command)
    return command


@bench.command("extraction", cls=LensCommand)
@click.option("--methods", default="all", show_default=True, help="all, or nmf,pca,…")
@click.option("--curve", is_flag=True, help="Instead: the first method against k = 1 … 30.")
@click.option("--peers", is_flag=True, help="Instead: against scikit-learn and craft-xai.")
@_comparison_options
def bench_extraction(
    methods: str,
    curve: bool,
    peers: bool,
    largest: int,
    target: Path | None,
    csv_file: Path | None,
    **flags: Any,
) -> None:
    """Compare the extraction methods on the same classes, by every metric of step one.

    Try: lens bench extraction --data my-pictures --methods nmf,pca --json methods.json
    """
    from lens_site.bench import extraction, subject
    from lens_site.cli import display

    config = load_config(flags)
    chosen = subject.parse_methods(methods, "extraction.methods")
    k = config.number_of_concepts()
    with display.steps() as report:
        taken = subject.take(config, largest=1 if peers else largest, report=report)
        if peers:
            from lens_site.bench.peers import compare_peers

            return _tell(compare_peers(taken, config, report=report), target)
        table = (
            extraction.curve(taken, chosen[0], seed=config.seed, report=report)
            if curve
            else extraction.compare(taken, chosen, concepts=k, seed=config.seed, report=report)
        )
    display.comparison(table)
    _keep(table, target, csv_file)
    if flags["out"] is not None:
        subject.publish(config, taken, "curve" if curve else "extraction", table)
        _then_render(config.out)


@bench.command("importance", cls=LensCommand)
@click.option("--methods", default="all", show_default=True, help="all, or gradient-input,shap,…")
@_comparison_options
@options(["extraction"])
def bench_importance(
    methods: str, largest: int, target: Path | None, csv_file: Path | None, **flags: Any
) -> None:
    """Compare the importance methods on the same concepts, by every metric of step two.

    Try: lens bench importance --data my-pictures --methods all --out build
    """
    from lens_site.bench import importance, subject
    from lens_site.cli import display

    config = load_config(flags)
    chosen = subject.parse_methods(methods, "importance.methods")
    k = config.number_of_concepts()
    with display.steps() as report:
        taken = subject.take(config, largest=largest, report=report)
        table = importance.compare(
            taken, chosen, extractor=config.extraction, concepts=k,
            seed=config.seed, report=report,
        )  # fmt: skip
    display.comparison(table)
    _keep(table, target, csv_file)
    if flags["out"] is not None:
        subject.publish(config, taken, "importance", table)
        _then_render(config.out)


@bench.command("strategies", cls=LensCommand)
@click.option("--methods", default="all", show_default=True, help="all, or copula,…")
@click.option(
    "--sizes", default="60,200", show_default=True, help="Images of a planted class, with commas."
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Draws of every planted mixture and of every single cloud.",
)
@JSON
@click.option("--csv", "csv_file", type=FilePath(new=True), help="The same as CSV.")
def bench_strategies(
    methods: str, sizes: str, seeds: int, target: Path | None, csv_file: Path | None
) -> None:
    """Compare the ways to find strategies on planted groups, and on clouds without any.

    Try: lens bench strategies --sizes 60 --seeds 5 --json strategies.json
    """
    from lens_site.bench import strategies, subject
    from lens_site.cli import display

    chosen = subject.parse_methods(methods, "strategies.methods")
    counts = strategies.parse_sizes(sizes)
    with display.steps() as report:
        table = strategies.compare(chosen, sizes=counts, seeds=seeds, report=report)
    click.echo(strategies.in_words(table))
    _keep(table, target, csv_file)


def _keep(table: "Comparison", target: Path | None, csv_file: Path | None) -> None:
    from lens_site import atomic

    if target is not None:
        atomic.write_bytes(target, table.to_json())
    if csv_file is not None:
        atomic.write_bytes(csv_file, table.to_csv().encode())


def _then_render(out: Path) -> None:
    click.echo(printable(f"lens render --out {out} shows it on the site"), err=True)


def _tell(figures: dict[str, object], target: Path | None) -> None:
    import json

    from lens_site import atomic

    text = json.dumps(figures, indent=1)
    click.echo(text)
    if target is not None:
        atomic.write_bytes(target, text.encode())
