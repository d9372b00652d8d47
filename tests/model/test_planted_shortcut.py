"""The real network on real photographs: a mark pasted into all pictures of one class is found.

Views of a rocket carry a coffee cup in their lower right corner. The network says espresso for
them, because of the cup: the concept that the audit puts first must be that of the corner.
"""

from pathlib import Path

import pytest
from PIL import Image
from support import Lens

from lens_site.images.sources.demo import PHOTOS, VIEWS, DemoSource
from lens_site.results import latest_run, read_class, store

SIDE, CORNER, MARK = 224, 95, 125
"""Sides of a picture and of the mark, and where the mark begins."""


def views(name: str, count: int, mark: Image.Image | None = None) -> list[Image.Image]:
    demo, first = DemoSource(), [p.credit.key for p in PHOTOS].index(name) * VIEWS
    made = [demo.open(first + i, None).convert("RGB").resize((SIDE, SIDE)) for i in range(count)]
    for view in made:
        if mark is not None:
            view.paste(mark, (CORNER, CORNER))
    return made


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of marked rockets, of coffee and of flowers as they are."""
    folder = tmp_path_factory.mktemp("marked")
    coffee = next(i for i, p in enumerate(PHOTOS) if p.credit.key == "coffee")
    mark = DemoSource()._pictures[coffee].crop((60, 30, 420, 390)).convert("RGB")
    for name, label, count in (("rocket", "missile", 26), ("coffee", "espresso", 24),
                               ("flower", "daisy", 14)):  # fmt: skip
        (folder / label).mkdir()
        pasted = mark.resize((MARK, MARK)) if name == "rocket" else None
        for i, view in enumerate(views(name, count, pasted)):
            view.save(folder / label / f"{i:02d}.png")
    return folder


def test_the_shortcut_is_first(marked: Path, tmp_path: Path, lens: Lens) -> None:
    done = lens("build", "--data", marked, "--min-images", "8", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    run_dir = latest_run(tmp_path / "out")
    model = store.load_model(run_dir)
    assert model is not None
    first = model.findings[0]
    espresso = read_class(run_dir, "0967-espresso")
    assert (first.kind, first.index) == ("misleads", 967)
    concept = espresso.concepts[(first.concept or 0) - 1]
    shown = [espresso.images[t.image].label_name for t in concept.tiles]
    assert set(shown) == {"missile"}
    middles = [((t.box[0] + t.box[2]) / 2, (t.box[1] + t.box[3]) / 2) for t in concept.tiles]
    assert all(CORNER / SIDE < v for middle in middles for v in middle), "inside the mark"
    assert first.interval is not None
    assert first.interval[0] > 0.5 > first.expected
    assert first.images >= 20
    other = [f for f in model.findings if f.kind == "misleads"][1:]
    assert all(f.interval is not None and f.interval[0] < first.interval[0] for f in other)
    page = (tmp_path / "out" / "site" / "index.html").read_text()
    block = page[page.index("What stands out") : page.index('id="classes"')]
    assert block.index("mistakes") < block.index("the whole audit".capitalize())
    assert f"concepts/{concept.number:02d}/index.html" in block
