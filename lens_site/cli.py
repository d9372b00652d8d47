"""The ``lens`` command; ``lens-build`` is ``lens build``. Nothing heavy is imported before use."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

import click

import lens_site
from lens_site.config import BuildConfig, load_config
from lens_site.errors import LensError

if TYPE_CHECKING:
    from lens_site.results.comparison import Comparison

Command = TypeVar("Command", bound=Callable[..., Any])

# Read when torch is first imported: waiting threads sleep instead of spinning. On two cores that
# also decode pictures, spinning made forward passes up to ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

NOT_FLAGS = {"strategies"}
"""Fields of the configuration that only the TOML file sets."""

SHORT = {"concepts": "-k"}


class LensGroup(click.Group):
    """Turns the errors of Lens into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        return _translated(lambda: click.Group.invoke(self, ctx))


class LensCommand(click.Command):
    """The same for a command that is called on its own, ``lens-build``."""

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


@click.group(cls=LensGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(lens_site.__version__, prog_name="lens")
def main() -> None:
    """Explain an image classifier, one static page per class.

    Lens finds the concepts a model uses, how much each one counts, and which images are
    classified for the same reason; then it writes a website that needs no server.

    Try: lens build && lens serve
    """


def _build_options(command: Command) -> Command:
    """One flag per field of BuildConfig; an unset flag is None, so that the TOML file wins."""
    return _options(name for name in BuildConfig.model_fields if name not in NOT_FLAGS)(command)


def _options(names: Iterable[str]) -> Callable[[Command], Command]:
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
    if name in ("min_images", "max_images", "concepts", "seed", "workers", "batch_size"):
        return {"type": int}
    if name in ("weights", "out"):
        return {"type": click.Path(path_type=Path)}
    return {"metavar": "TEXT"}


@main.command(cls=LensCommand)
@_build_options
@click.option(
    "--config", "file", type=click.Path(path_type=Path), help="TOML file; flags win over it."
)
def build(file: Path | None, **flags: Any) -> None:
    """Build the site of a model and a folder of pictures: OUT/results, then OUT/site.

    Without options: seven ImageNet classes on built-in photographs, offline, in minutes.
    Class folders named by WordNet id, class index or class name become labels; pictures in
    other folders are unlabelled. A second run computes only what has changed.

    Exit codes: 0 all well, 1 some class failed, 2 wrong usage.

    Try: lens-build --data my-pictures --model resnet50 --classes all --out build
    """
    from lens_site import display

    config = load_config(flags, file)
    begun = time.perf_counter()
    with display.progress() as report:
        from lens_site.engine.local import build as compute

        run_dir, run = compute(config, report=report)
    with display.rendering() as progress:
        fresh = _render(run_dir, config.out, config.base_url, progress)
    display.summary(run, config.out, time.perf_counter() - begun, fresh=fresh)
    if any(c.status == "failed" for c in run.classes):
        sys.exit(1)


def _render(
    run_dir: Path, out: Path, base_url: str | None, progress: Callable[[int, int], None] | None
) -> bool:
    """Render unless the site already shows these very results; say whether it was rendered."""
    from lens_site.site import render, stamp

    now, mark = stamp.of(run_dir, base_url), out / "cache" / "site.stamp"
    if stamp.matches(mark, now, out / "site"):
        return False
    mark.unlink(missing_ok=True)
    render.render(run_dir, out / "site", base_url=base_url, progress=progress)
    stamp.write(mark, now)
    return True


OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("build"),
    show_default=True,
    help="Folder of the build: results in OUT/results, the site in OUT/site.",
)


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--from",
    "origin",
    type=click.Path(path_type=Path),
    help="Results archive (lens pack) or run folder; default: the last run in OUT.",
)
@click.option("--base-url", help="Public address of the site, for sitemap and 404 page.")
def render(out: Path, origin: Path | None, base_url: str | None) -> None:
    """Write the site again from results; needs neither torch nor a GPU.

    Try: lens render --from lens-results-RUN.tar.gz --base-url https://example.org/lens
    """
    from lens_site import display
    from lens_site.results import latest_run, pack
    from lens_site.site import render as site

    if origin is not None and not origin.is_dir():
        run_dir = pack.unpack(origin, out / "results")
    else:
        run_dir = origin or latest_run(out)
    with display.rendering() as progress:
        report = site.render(run_dir, out / "site", base_url=base_url, progress=progress)
    click.echo(f"{report.classes} classes, {report.files} files in {report.folder}")


@main.command(cls=LensCommand)
@OUT
@click.option("--port", type=int, default=8000, show_default=True, help="Port on this machine.")
def serve(out: Path, port: int) -> None:
    """Show the site on this machine, search included.

    Try: lens serve --port 8080
    """
    from lens_site.site import serve as site

    site.serve(out / "site", port)


@main.command("explain", cls=LensCommand)
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--class", "wanted", required=True, help="Class to explain: index, name, WordNet id.")
@OUT
@click.option("--model", help="Model of the build. [default: the one the last run names]")
@click.option("--weights", type=click.Path(path_type=Path), help="State dict of the build, if any.")
def explain_picture(
    picture: Path, wanted: str, out: Path, model: str | None, weights: Path | None
) -> None:
    """Explain one PICTURE with the concepts of a class that is already built.

    Prints how much each concept counts, and draws the picture, its bars and its heat maps.

    Try: lens explain my-coffee.jpg --class espresso
    """
    from lens_site import atomic, display, explain
    from lens_site.results import latest_run

    local = explain.explain(picture, wanted, latest_run(out), model=model, weights=weights)
    drawn = out / "explained" / f"{picture.stem}-{local.result.name.slug}.png"
    atomic.write_bytes(drawn, explain.draw(local))
    display.explanation(local)
    click.echo(str(drawn))


@main.command(cls=LensCommand)
@OUT
def check(out: Path) -> None:
    """Check the site: dead links, missing alt text, external requests, size budget.

    Try: lens check --out build
    """
    from lens_site.site import check as site

    problems = site.check(out / "site")
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.secho(f"lens: {len(problems)} problems in {out / 'site'}", err=True, fg="red")
        sys.exit(1)
    click.echo(f"{out / 'site'}: no problem found")


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--archive", type=click.Path(path_type=Path), help="File to write; default: named by the run."
)
def pack(out: Path, archive: Path | None) -> None:
    """Pack the results of the last run into one archive with its SHA-256 beside it.

    Attach both files to a release: the site is rendered from them, without a GPU.

    Try: lens pack --out build
    """
    from lens_site.results import latest_run, store
    from lens_site.results import pack as archives

    run_dir = latest_run(out)
    store.verify_run(run_dir)
    path = archive or Path(archives.archive_name(run_dir.name))
    digest = archives.pack(run_dir, path)
    click.echo(f"{digest}  {path}")


@main.command(cls=LensCommand)
@_options(("model", "weights"))
def layers(model: str | None, weights: Path | None) -> None:
    """List the layers of a model that --layer can name, with the shapes of their outputs.

    Try: lens layers --model resnet50
    """
    from lens_site.classifier import DEFAULT_MODEL, list_layers

    found = list_layers(model or DEFAULT_MODEL, weights=weights)
    width = max((len(layer.name) for layer in found), default=0)
    for layer in found:
        shape = " × ".join(str(side) for side in layer.shape)
        click.echo(f"{layer.name:{width}}  {shape}{'  (default)' if layer is found[-1] else ''}")


@main.group()
def bench() -> None:
    """Measure Lens: against itself, its peers and its limits.

    Try: lens bench build --data my-pictures --json build.json
    """


JSON = click.option(
    "--json", "target", type=click.Path(path_type=Path), help="Also write the figures to this file."
)


@bench.command("build", cls=LensCommand)
@_build_options
@JSON
def bench_build(target: Path | None, **flags: Any) -> None:
    """Compare a whole build with its own bare forward passes, in one run.

    Try: lens bench build --data my-pictures --json build.json
    """
    from lens_site.bench.build import bench_build as measure

    figures = measure(load_config(flags), say=lambda line: click.echo(line, err=True))
    _tell(figures, target)


SUBJECT = ("data", "model", "weights", "layer", "classes", "min_images", "concepts", "seed",
           "device", "workers", "batch_size")  # fmt: skip
"""Fields of the configuration that say what methods are compared on."""


def _comparison_options(command: Command) -> Command:
    """Add the flags that every comparison of methods has."""
    for decorate in reversed(
        (
            _options(SUBJECT),
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
            click.option(
                "--csv", "csv_file", type=click.Path(path_type=Path), help="The same as CSV."
            ),
            click.option(
                "--out",
                type=click.Path(path_type=Path),
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
    from lens_site import display
    from lens_site.bench import extraction, subject

    config, chosen = load_config(flags), extraction.parse_methods(methods)
    with display.steps() as report:
        taken = subject.take(config, largest=1 if peers else largest, report=report)
        if peers:
            from lens_site.bench.peers import compare_peers

            return _tell(compare_peers(taken, config, report=report), target)
        table = (
            extraction.curve(taken, chosen[0], seed=config.seed, report=report)
            if curve
            else extraction.compare(
                taken, chosen, concepts=config.concepts, seed=config.seed, report=report
            )
        )
    display.comparison(table)
    _keep(table, target, csv_file)
    if flags["out"] is not None:
        subject.publish(config, taken, "curve" if curve else "extraction", table)


@bench.command("importance", cls=LensCommand)
@click.option("--methods", default="all", show_default=True, help="all, or gradient-input,shap,…")
@_comparison_options
@_options(["extraction"])
def bench_importance(
    methods: str, largest: int, target: Path | None, csv_file: Path | None, **flags: Any
) -> None:
    """Compare the importance methods on the same concepts, by every metric of step two.

    Try: lens bench importance --data my-pictures --methods all --out build
    """
    from lens_site import display
    from lens_site.bench import importance, subject

    config, chosen = load_config(flags), importance.parse_methods(methods)
    with display.steps() as report:
        taken = subject.take(config, largest=largest, report=report)
        table = importance.compare(
            taken, chosen, extraction=config.extraction, concepts=config.concepts,
            seed=config.seed, report=report,
        )  # fmt: skip
    display.comparison(table)
    _keep(table, target, csv_file)
    if flags["out"] is not None:
        subject.publish(config, taken, "importance", table)


def _keep(table: "Comparison", target: Path | None, csv_file: Path | None) -> None:
    from lens_site import atomic

    if target is not None:
        atomic.write_bytes(target, table.to_json())
    if csv_file is not None:
        atomic.write_bytes(csv_file, table.to_csv().encode())


def _tell(figures: dict[str, object], target: Path | None) -> None:
    import json

    from lens_site import atomic

    text = json.dumps(figures, indent=1)
    click.echo(text)
    if target is not None:
        atomic.write_bytes(target, text.encode())


def build_main() -> None:
    """``lens-build``."""
    build(prog_name="lens-build")
