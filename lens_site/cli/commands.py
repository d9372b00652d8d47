"""Build, render, serve, explain, check, pack, layers."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import lens_site
from lens_site import atomic, lock
from lens_site.cli.options import (
    HELP,
    OUT,
    FilePath,
    LensCommand,
    LensGroup,
    build_options,
    options,
)
from lens_site.cli.terminal import printable
from lens_site.config import BuildConfig, load_config


@click.group(cls=LensGroup, context_settings=HELP)
@click.version_option(lens_site.__version__, prog_name="lens")
def main() -> None:
    """Explain an image classifier, one static page per class.

    Lens finds the concepts a model uses, how much each one counts, and which images are
    classified for the same reason; then it writes a website that needs no server.

    Try: lens build && lens serve
    """


@main.command(cls=LensCommand)
@build_options
@click.option("--config", "file", type=FilePath(), help="TOML file; flags win over it.")
def build(file: Path | None, **flags: Any) -> None:
    """Build the site of a model and a folder of pictures: OUT/results, then OUT/site.

    Without options: six ImageNet classes on built-in photographs, offline, in minutes.
    Class folders named by WordNet id, class index or class name become labels; pictures in
    other folders are unlabeled. A second run computes only what has changed.

    Exit codes: 0 all well, 1 some class failed, 2 wrong usage.

    Try: lens-build --data my-pictures --model resnet50 --classes all --out build
    """
    from lens_site.cli import display

    config = load_config(flags, file)
    begun, fresh = time.perf_counter(), False
    _check_extras(config.extras)
    with lock.held(config.out):
        atomic.refuse_foreign(config.out / "site")
        with display.progress() as report:
            from lens_site.engine.build import build as compute

            run_dir, run = compute(config, report=report)
        if any(c.status == "built" for c in run.classes):
            with display.rendering() as progress:
                fresh = _render(run_dir, config, progress)
    display.summary(run, config.out, time.perf_counter() - begun, fresh=fresh)
    if any(c.status == "failed" for c in run.classes):
        sys.exit(1)


def _check_extras(extras: Sequence[str]) -> None:
    """Load pages and sections from outside before the work; raises ConfigError."""
    from lens_site.site.publish import pieces

    pieces.gather(extras)


def _render(
    run_dir: Path, config: BuildConfig, progress: Callable[[int, int], None] | None
) -> bool:
    """Render unless the site already shows these very results; say whether it was rendered."""
    from lens_site.site.publish import render, stamp

    site = config.out / "site"
    now, mark = stamp.of(run_dir, config.base_url, config.extras), config.out / "cache/site.stamp"
    if stamp.matches(mark, now, site):
        return False
    mark.unlink(missing_ok=True)
    render.render(run_dir, site, base_url=config.base_url, extras=config.extras, progress=progress)
    stamp.write(mark, now)
    return True


@main.command(cls=LensCommand)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@OUT
@click.option("--from", "origin", metavar="RUN", help="The same as one RUN.")
@options(("base_url", "extras"))
def render(runs: Sequence[str], out: Path, origin: str | None, **flags: Any) -> None:
    """Write the site again from results; needs neither torch nor a GPU.

    A RUN is a name in OUT/results, a run folder or an archive (lens pack); without one it is the
    last run in OUT. Several, of the same images, share one site: the first at its top, with a
    switch on each page, and pages that compare any two of them, class by class.

    Try: lens render lens-results-RUN.tar.gz --base-url https://example.org/lens
    """
    from lens_site.cli import display, several
    from lens_site.site.publish import render as site

    config = load_config(flags)
    with lock.held(out):
        atomic.refuse_foreign(out / "site")
        folders = several.find([*runs, *([origin] if origin else [])], out)
        with display.comparing() as compared:
            several.compare(folders, compared)
        with display.rendering() as progress:
            (out / "cache/site.stamp").unlink(missing_ok=True)  # it may be another site now
            report = site.render(
                folders[0], out / "site", others=folders[1:], base_url=config.base_url,
                extras=config.extras, progress=progress,
            )  # fmt: skip
    for note in report.notes:
        click.echo(printable(note), err=True)
    click.echo(f"{report.classes} classes, {report.files} files in {report.folder}")


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on this machine.",
)
def serve(out: Path, port: int) -> None:
    """Show the site on this machine, search included.

    Try: lens serve --port 8080
    """
    from lens_site.site.publish import serve as site

    site.serve(out / "site", port)


@main.command("explain", cls=LensCommand)
@click.argument("picture", type=FilePath())
@click.option("--class", "wanted", required=True, help="Class to explain: index, name, WordNet id.")
@OUT
@click.option("--model", help="Model of the build. [default: the one the last run names]")
@click.option("--weights", type=FilePath(), help="State dict of the build, if any.")
def explain_command(
    picture: Path, wanted: str, out: Path, model: str | None, weights: Path | None
) -> None:
    """Explain one PICTURE with the concepts of a class that is already built.

    Prints how much each concept counts, and draws the picture, its bars and its heat maps.

    Try: lens explain my-coffee.jpg --class espresso
    """
    from lens_site import explain
    from lens_site.cli import display
    from lens_site.results import latest_run

    explanation = explain.explain_picture(
        picture, wanted, latest_run(out), model=model, weights=weights
    )
    sheet = out / "explained" / f"{picture.stem}-{explanation.result.name.slug}.png"
    atomic.write_bytes(sheet, explain.draw(explanation))
    display.explanation(explanation)
    click.echo(printable(sheet))


@main.command(cls=LensCommand)
@OUT
def check(out: Path) -> None:
    """Check the site: dead links, missing alt text, external requests, size budget.

    Try: lens check --out build
    """
    from lens_site.site.publish import check as site

    problems = site.check(out / "site")
    for problem in problems:
        click.echo(printable(problem))
    if problems:
        click.secho(f"lens: {len(problems)} problems in {out / 'site'}", err=True, fg="red")
        sys.exit(1)
    click.echo(f"{out / 'site'}: no problem found")


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--archive", type=FilePath(new=True), help="File to write; default: named by the run."
)
def pack(out: Path, archive: Path | None) -> None:
    """Pack the results of the last run into one archive with its SHA-256 beside it.

    Attach both files to a release: the site is rendered from them, without a GPU.

    Try: lens pack --out build
    """
    from lens_site.results import latest_run, store
    from lens_site.results import pack as archives

    run_dir = latest_run(out)
    run = store.verify_run(run_dir)
    path = archive or Path(archives.archive_name(run_dir.name))
    built = [c.slug for c in run.classes if c.status == "built"]
    digest = archives.pack(run_dir, path, built)
    click.echo(f"{digest}  {path}")


@main.command(cls=LensCommand)
@options(("model", "weights"))
def layers(model: str | None, weights: Path | None) -> None:
    """List the layers of a model that --layer can name, with the shapes of their outputs.

    Try: lens layers --model resnet50
    """
    from lens_site.classifier import DEFAULT_MODEL, list_layers

    usable, default = list_layers(model or DEFAULT_MODEL, weights=weights)
    width = max((len(layer.name) for layer in usable), default=0)
    for layer in usable:
        shape = " × ".join(str(side) for side in layer.shape)
        click.echo(f"{layer.name:{width}}  {shape}{'  (default)' if layer.name == default else ''}")


def build_main() -> None:
    """``lens-build``."""
    build(prog_name="lens-build")
