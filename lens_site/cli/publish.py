"""``lens serve``, ``pack`` and ``publish``: a site on this machine, and on its way to others."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from lens_site import lock
from lens_site.cli.commands import main
from lens_site.cli.options import OUT, FilePath, LensCommand, options
from lens_site.cli.terminal import printable
from lens_site.config import load_config


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on this machine; 0: any that is free.",
)
def serve(out: Path, port: int) -> None:
    """Show the site on this machine, search included, until Ctrl-C.

    Try: lens serve --port 8080
    """
    from lens_site.site.publish import serve as site

    with site.open_site(out / "site", port) as server, suppress(KeyboardInterrupt):
        click.echo(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
        server.serve_forever()


@main.command(cls=LensCommand)
@OUT
@click.option(
    "--archive",
    type=FilePath(new=True),
    help="File to write; default: in OUT, named by the run.",
)
@options(("images",))
def pack(out: Path, archive: Path | None, **flags: Any) -> None:
    """Pack the results of the last run into one archive with its SHA-256 beside it.

    Attach both files to a release: the site is rendered from them, without a GPU. Pictures go
    along as the build was told by --images, unless told otherwise here.

    Try: lens pack --out build
    """
    from lens_site.results import latest_run, store
    from lens_site.results import pack as archives
    from lens_site.site.publish import fit

    run_dir = latest_run(out)
    run = store.verify_run(run_dir)
    path = archive or out / archives.archive_name(run_dir.name)
    built = [c.slug for c in run.classes if c.status == "built"]
    flags["images"] = flags["images"] or run.config.get("images")
    images = load_config(flags).images
    with fit.lightened(run_dir, out / "cache", images) as shown:
        digest = archives.pack(shown, path, built)
    click.echo(printable(f"{digest}  {path}"))
    _next(
        "next, in a clone of your fork whose Pages are on (docs/publishing.md):",
        f"  gh release create results-1 '{path}' '{path}.sha256' --notes 'Lens results'",
        f"anywhere: lens render --from '{path}'",
    )


@main.command(cls=LensCommand)
@click.argument("folder", type=FilePath())
@OUT
@click.option(
    "--space",
    metavar="OWNER/NAME",
    help="Make it a static Space of Hugging Face: adds the README.md that says so.",
)
def publish(folder: Path, out: Path, space: str | None) -> None:
    """Copy the site, once it is whole, to FOLDER, ready for a web server or another host.

    A copy from before is replaced in one step, any other folder is left alone. For GitHub
    Pages see lens pack.

    Try: lens publish to-upload --space me/why-espresso
    """
    from lens_site.results import latest_run, store
    from lens_site.site.publish import hosts

    with lock.held(out):
        beside = {}
        if space:
            run_dir = latest_run(out)
            run, identity = store.read_run(run_dir), store.load_identity(run_dir)
            beside = hosts.space(space, run, identity)
        files = hosts.publish(out / "site", folder, beside)
    click.echo(printable(f"{files} files in {folder}"))
    if space:
        _next(
            "next, with huggingface_hub installed and a token of yours (hf auth login):",
            f"  hf repos create {space} --type space --space-sdk static --exist-ok",
            f"  hf upload {space} '{folder}' . --type space",
        )


def _next(*lines: str) -> None:
    for line in lines:
        click.echo(printable(line), err=True)
