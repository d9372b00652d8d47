"""Build, render, explain, check, layers."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from lens_site.results.schema import Identity

if TYPE_CHECKING:
    from lens_site.site.publish.render import SiteReport


@click.group(cls=LensGroup, context_settings=HELP)
@click.version_option(lens_site.__version__, prog_name="lens")
def main() -> None:
    """Explain an image classifier, one static page per class.

    Lens finds the concepts a model uses, how much each one counts, and which images are
    classified for the same reason; then it writes a website that needs no server. Tab completes
    commands, options and their words after

    eval "$(_LENS_COMPLETE=bash_source lens)"   (or zsh_source, fish_source)

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

    Exit codes: 0 all well, 1 some class failed, 2 wrong usage, 130 and 143 ended by a signal.

    Try: lens-build --data my-pictures --model resnet50 --classes all --out build
    """
    from lens_site.cli import display

    config = load_config(flags, file)
    begun, fresh = time.perf_counter(), False
    _check_site(config)
    with _holding(config), ExitStack() as joining:
        atomic.refuse_foreign(config.out / "site")
        with display.progress(config.out / "report.json") as report:
            from lens_site.engine.build import build as compute

            run_dir, run = compute(config, report=report, joining=joining)
        if run is None:
            click.echo(f"shard {config.shard}: done; another one joins the results")
            return
        if any(c.status == "built" for c in run.classes):
            with display.rendering() as progress:
                fresh = _render(run_dir, config, progress)
    display.summary(run, config.out, time.perf_counter() - begun, fresh=fresh)
    if any(c.status == "failed" for c in run.classes):
        sys.exit(1)


def _holding(config: BuildConfig) -> AbstractContextManager[None]:
    """Hold OUT alone, or together with the other shards."""
    if config.shard is None:
        return lock.held(config.out)

    def first() -> None:
        from lens_site.engine.work import clear

        clear(config.out)

    return lock.shared(config.out, config.shard, first=first)


def _check_site(config: BuildConfig) -> None:
    """See before the work that the site can be made as it is wanted; raises ConfigError."""
    from lens_site.site.publish import render

    render.check(config.site, config.extras, config.templates)


def _render(
    run_dir: Path, config: BuildConfig, progress: Callable[[int, int], None] | None
) -> bool:
    """Render unless the site already shows these very results; say whether it was rendered."""
    from lens_site.results import store
    from lens_site.site.publish import fit, stamp

    site, mark = config.out / "site", config.out / "cache/site.stamp"
    store.write_identity(run_dir, config.site)
    facts = {name: getattr(config, name) for name in ("base_url", "images", "max_size")}
    now = stamp.of(run_dir, facts, config.extras, config.templates)
    if stamp.matches(mark, now, site):
        return False
    mark.unlink(missing_ok=True)
    report = fit.render_within(_to(site, config, progress), [run_dir], config)
    _notes(report.notes)
    stamp.write(mark, now)
    return True


def _to(
    site: Path,
    config: BuildConfig,
    progress: Callable[[int, int], None] | None,
    identity: Identity | None = None,
) -> Callable[[Sequence[Path]], "SiteReport"]:
    """Return what renders results to ``site`` as the options say."""
    from lens_site.site.publish.render import render

    return lambda runs: render(
        runs[0], site, others=runs[1:], base_url=config.base_url, extras=config.extras,
        identity=identity, own=config.templates, progress=progress,
    )  # fmt: skip


def _notes(notes: Sequence[str]) -> None:
    for note in notes:
        click.echo(printable(note), err=True)


@main.command(cls=LensCommand)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@OUT
@click.option("--from", "origin", metavar="RUN", help="The same as one RUN.")
@options(("base_url", "images", "max_size", "extras", "templates"))
@click.option(
    "--config", "file", type=FilePath(), help="TOML file: its [site] goes before that of the build."
)
def render(
    runs: Sequence[str], out: Path, origin: str | None, file: Path | None, **flags: Any
) -> None:
    """Write the site again from results; needs neither torch nor a GPU.

    A RUN is a name in OUT/results, a run folder or an archive (lens pack); without one it is the
    last run in OUT, and what shards have computed and none of them joined is joined first.
    Several, of the same images, share one site: the first at its top, with a switch on each page,
    and pages that compare any two of them, class by class. Title, mark, language and more are
    those of the build, or of --config.

    Try: lens render lens-results-RUN.tar.gz --base-url https://example.org/lens
    """
    from lens_site.cli import display, several
    from lens_site.results import read_run
    from lens_site.site.publish import fit

    load_config(flags, file)  # mistakes are told before the work
    with lock.held(out):
        atomic.refuse_foreign(out / "site")
        if not runs and origin is None:
            _join(out)
        folders = several.find([*runs, *([origin] if origin else [])], out)
        with display.comparing() as compared:
            several.compare(folders, compared)
        flags["images"] = flags["images"] or read_run(folders[0]).config.get("images")
        config = load_config({**flags, "out": out}, file)
        own = config.site if "site" in config.model_fields_set else None
        with display.rendering() as progress:
            (out / "cache/site.stamp").unlink(missing_ok=True)  # it may be another site now
            report = fit.render_within(
                _to(out / "site", config, progress, identity=own), folders, config
            )
    _notes(report.notes)
    click.echo(f"{report.classes} classes, {report.files} files in {report.folder}")


def _join(out: Path) -> None:
    """Join the run that shards left unjoined, if any; say so where classes of it are left."""
    from lens_site.engine.work import works

    for work in [work for work in works(out)[:1] if not work.is_joined()]:
        from lens_site.engine.join import join_the_last

        if not join_the_last(work, report=lambda event: None):
            note = f"{work.run}: not all of it is computed (lens status); start its build again"
            click.echo(printable(note), err=True)


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
