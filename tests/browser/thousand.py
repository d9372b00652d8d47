"""A site whose home page shows a thousand classes: ``python tests/browser/thousand.py OUT SITE``.

Each class of ImageNet that the run in ``OUT`` lacks gets the card of one that it has, pictures and
all, under its own name; there is no page behind it.
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from lens_site.classifier.labels import imagenet_labels
from lens_site.results import store
from lens_site.results.schema import ClassName
from lens_site.site.cards import Card, cards
from lens_site.site.publish import assets
from lens_site.site.publish.pieces import gather
from lens_site.site.publish.write import Writer
from lens_site.site.records import Site

PAGES = ("home", "tree")


def write_thousand(out: Path, into: Path) -> Path:
    """Copy the site of a run, its home and tree written again; return its folder."""
    shutil.copytree(out / "site", into)
    run_dir = store.latest_run(out)
    site = Site(run_dir, store.read_run(run_dir))
    had = site.once(cards)
    there = {card.index for card in had}
    names = [name for name in imagenet_labels().names if name.index not in there]
    lent = [_lent(had[i % len(had)], name, into) for i, name in enumerate(names)]
    site._made[cards] = (*had, *lent)
    pieces = gather()
    writer = Writer(into, site, pieces, None, assets.styles(pieces, site.identity))
    for piece in pieces.pages:
        if piece.name in PAGES:
            for view in piece.record.of_site(site):
                (into / view.address).unlink()
                writer.page(piece, view)
    return into


def _lent(card: Card, name: ClassName, into: Path) -> Card:
    """Return the card under the name of another class; never one of the first six."""
    also = ", ".join(s for s in name.synonyms if s != name.name)
    one = replace(
        card, slug=name.slug, index=name.index, name=name.name, also=also, wordnet=name.wordnet,
        appeal=0.0,
    )  # fmt: skip
    (into / one.page).parent.mkdir(parents=True)
    shutil.copyfile(into / card.picture, into / one.picture)
    return one


if __name__ == "__main__":
    write_thousand(Path(sys.argv[1]), Path(sys.argv[2]))
