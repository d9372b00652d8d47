"""What a site says to programs: the schema of its data, robots, and the sitemap."""

import json
from collections.abc import Sequence
from pathlib import Path

from lens_site.results.schema import ClassResult, ModelResult, PairResult
from lens_site.site.publish import templates, write

SCHEMAS = (("class", ClassResult), ("model", ModelResult), ("pair", PairResult))


def write_schemas(folder: Path) -> None:
    """Write the schema of each kind of data."""
    for name, record in SCHEMAS:
        schema = json.dumps(record.model_json_schema(), indent=1, ensure_ascii=False)
        write.text(folder / "schema" / f"{name}.json", schema + "\n")


def address(folder: Path, sitemap: str, addresses: Sequence[str]) -> None:
    """Write what is read at the top of a server alone.

    ``sitemap`` is its public address, without which there is none.
    """
    write.text(folder / ".nojekyll", "")
    robots = "User-agent: *\nAllow: /\n"
    if sitemap:
        listed = templates.environment().get_template("sitemap.xml").render(addresses=addresses)
        write.text(folder / "sitemap.xml", listed)
        robots += f"Sitemap: {sitemap}\n"
    write.text(folder / "robots.txt", robots)
