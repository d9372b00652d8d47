"""The map: near things near, the same bytes, and sensible with little on it."""

import numpy as np
import pytest
from made_up import directions, facts, many

from lens_site.model import atlas
from lens_site.model.concepts import gather


def families() -> list:
    """Six kinds of concepts, each in twelve classes with some noise."""
    kinds = directions(6, seed=5)
    grain = np.random.default_rng(1).gamma(0.3, size=(12, 6, kinds.shape[1]))
    return [facts(i, kinds + 0.2 * grain[i].astype(np.float32)) for i in range(12)]


@pytest.mark.parametrize("many", [2_000, 10], ids=["tree", "grid"])
def test_what_is_alike_lies_together(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "MANY", many)
    monkeypatch.setattr(atlas, "LATE", 100)
    concepts = gather(families())
    places = atlas.layout(concepts, seed=0)
    kind = concepts.numbers
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (kind[apart.argmin(axis=1)] == kind).mean() > 0.97
    assert np.abs(places).max() == pytest.approx(1)
    again = atlas.layout(concepts, seed=0)
    assert again.tobytes() == places.tobytes()


@pytest.mark.parametrize("count", [0, 1, 2, 29, 30, 31])
def test_little_to_show(count: int) -> None:
    concepts = gather([facts(0, directions(count, seed=2))] if count else [])
    places = atlas.layout(concepts, seed=0)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == count


def test_equal_concepts_do_no_harm() -> None:
    same = np.repeat(directions(1, seed=2), 40, axis=0)
    places = atlas.layout(gather([facts(0, same)]), seed=0)
    assert np.isfinite(places).all()


def test_neighbors_are_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "BLOCK", 5)
    rows = gather(many(4)).rows
    found, lengths = atlas._neighbors(rows, 3, absolute=False)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (found == np.argsort(apart, axis=1)[:, :3]).all()
    assert np.allclose(lengths, np.sort(apart, axis=1)[:, :3], atol=1e-3)
