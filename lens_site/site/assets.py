"""Templates and static files, found in the wheel or in the checkout beside the package."""

import shutil
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lens_site.site import palette


def folder(name: str) -> Path:
    """Return the folder of ``templates`` or ``static``: inside the wheel, else beside it."""
    package = Path(str(resources.files("lens_site")))
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def environment() -> Environment:
    """Return the templates' environment: everything escaped, unknown names refused."""
    loaded = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loaded.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    return loaded


def styles() -> Markup:
    """Return both style sheets, for the one page that may be served where no link reaches them."""
    return Markup(palette.style_sheet() + (folder("static") / "site.css").read_text("utf-8"))


def plotly_script() -> Path:
    """Return plotly.js as the installed plotly package ships it."""
    return Path(str(resources.files("plotly"))) / "package_data" / "plotly.min.js"


def plotly_version() -> str:
    """Return the version that plotly.js states in its first lines."""
    with plotly_script().open(encoding="utf-8") as script:
        head = script.read(400)
    return head.partition("plotly.js v")[2].split()[0] if "plotly.js v" in head else ""


def copy(into: Path) -> None:
    """Copy all assets of a site into ``into``, and write the palette's style sheet there."""
    into.mkdir(parents=True)
    for path in sorted(folder("static").iterdir()):
        shutil.copyfile(path, into / path.name)
    shutil.copyfile(plotly_script(), into / "plotly.min.js")
    (into / "palette.css").write_text(palette.style_sheet(), encoding="utf-8")
