"""What a site says to programs: the schema of its data, robots, and the sitemap."""

import json
from collections.abc import Sequence
from pathlib import Path

from lens_site.results.schema import ClassResult, ModelResult
from lens_site.site.publish import templates, write


def write_all(folder: Path, sitemap: str, addresses: Sequence[str]) -> None:
    """Write all of it; ``sitemap`` is its public address, without which there is none."""
    for name, record in (("class", ClassResult), ("model", ModelResult)):
        schema = json.dumps(record.model_json_schema(), indent=1, ensure_ascii=False)
        write.text(folder / "schema" / f"{name}.json", schema + "\n")
    write.text(folder / ".nojekyll", "")
    robots = "User-agent: *\nAllow: /\n"
    if sitemap:
        listed = templates.environment().get_template("sitemap.xml").render(addresses=addresses)
        write.text(folder / "sitemap.xml", listed)
        robots += f"Sitemap: {sitemap}\n"
    write.text(folder / "robots.txt", robots)
