"""The assets of a site: one style sheet, one script of what is shared, and each page's own."""

import shutil
from pathlib import Path

from markupsafe import Markup

from lens_site.results.schema import Identity
from lens_site.site import minisearch, palette, plotly
from lens_site.site.publish import appearance, write
from lens_site.site.publish.pieces import Pieces, folder
from lens_site.site.publish.spoken import learned

STYLE, SCRIPT = "site.css", "site.js"

ENGINE = "browser.js"
"""What runs the network in the visitor's browser; loaded by the pages that do so, when asked."""


def styles(pieces: Pieces, identity: Identity) -> Markup:
    """Return all style sheets as one: the palette first, the user's accent last."""
    sheets = (path.read_text(encoding="utf-8") for path in pieces.sheets)
    last = [palette.accent_sheet(identity.accent)] if identity.accent else []
    return Markup("\n".join((palette.style_sheet(), *sheets, *last)))


def engine() -> str:
    """Return the scripts that run the network in the browser, as one, after what they say."""
    parts = sorted((folder("static") / "browser").glob("*.js"))
    script = "\n".join(path.read_text(encoding="utf-8") for path in parts)
    return learned(script) + script


def copy(pieces: Pieces, site: Path, identity: Identity) -> None:
    """Write the assets of a site into its folder."""
    static, into = folder("static"), site / "assets"
    write.text(into / STYLE, styles(pieces, identity))
    words, *shared = (path.read_text(encoding="utf-8") for path in sorted(static.glob("*.js")))
    others = "\n".join(shared)
    write.text(into / SCRIPT, f"{words}\n{learned(others)}{others}")
    write.text(into / ENGINE, engine())
    for piece in pieces.all:
        for address, path in piece.scripts.items():
            script = path.read_text(encoding="utf-8")
            write.text(site / address, learned(script) + script)
    for path in sorted(static.iterdir()):
        if path.is_file() and path.suffix not in (".css", ".js"):
            shutil.copyfile(path, into / path.name)
    if own := appearance.icon(identity):
        write.file(into / own[0], own[1])
    shutil.copyfile(plotly.script(), into / "plotly.min.js")
    shutil.copyfile(minisearch.script(), into / "minisearch.js")
    shutil.copyfile(minisearch.license(), into / "minisearch.LICENSE.txt")
