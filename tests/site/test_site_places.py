"""Which place decided: contributions shared out by codes, and places that can be told apart."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save
from tiny_results import make_class, write_run

from lens_site.results import store
from lens_site.site.headers import header, row_of
from lens_site.site.places import Place, places, shared_out
from lens_site.site.records import Site


def found(folder: Path, codes: np.ndarray, position: int = 0, **changes: str) -> tuple[Place, ...]:
    """The places of an image of a class whose stored codes are these."""
    result, files = make_class(**changes)
    files = {**files, store.ARRAYS: save({"codes": codes.astype(np.float16)})}
    sums = {name: store.sha256(data) for name, data in files.items()}
    run = write_run(folder / "run", (result.model_copy(update={"files": sums}), files))
    return places(
        Site(run, store.read_run(run)), result.model_copy(update={"files": sums}), position, 4
    )


def spread(generator: np.random.Generator) -> np.ndarray:
    """Codes (40, 7, 7, 4): a little everywhere, much of all concepts below on the left."""
    codes = generator.uniform(0, 0.1, (40, 7, 7, 4))
    codes[:, 4:6, 1:3] += 1
    return codes


def test_the_first_place_is_where_the_concepts_are(tmp_path: Path) -> None:
    best, *others = found(tmp_path, spread(np.random.default_rng(0)))
    assert (round(7 * best.left), round(7 * best.top)) == (1, 4)
    assert (round(7 * best.width), round(7 * best.height)) == (2, 2)
    assert len(others) == 3
    assert max(place.share for place in others) <= best.share / 2


@pytest.mark.parametrize("why", ["nothing stands out", "codes below zero", "crops"])
def test_there_are_none_where(why: str, tmp_path: Path) -> None:
    codes = spread(np.random.default_rng(0))
    if why == "nothing stands out":
        codes[:] = 1
    if why == "codes below zero":
        codes[0, 0, 0, 0] = -0.1
    assert found(tmp_path, codes, patches="crops" if why == "crops" else "grid") == ()


def test_what_all_places_add_is_what_the_concepts_add() -> None:
    codes = np.random.default_rng(1).uniform(0, 1, (6, 3))
    codes[:, 2] = 0
    phi = (2.0, -1.0, 0.0)
    adds = shared_out(tuple(codes.ravel()), phi)
    assert sum(adds) == pytest.approx(1)
    wanted = codes[:, :2] @ (np.array(phi[:2]) / codes[:, :2].sum(axis=0))
    np.testing.assert_allclose(adds, wanted)


def test_a_row_of_halves_is_the_arrays(tmp_path: Path) -> None:
    array = np.random.default_rng(2).normal(size=(3, 2, 5)).astype(np.float16)
    data = save(
        {"a": np.zeros(7, np.float32), "b": array, "c": np.ones(2, np.float16)},
        {"notes": '{"x": 1}'},
    )
    (tmp_path / "x.safetensors").write_bytes(data)
    assert row_of(tmp_path / "x.safetensors", "b", 1) == tuple(array[1].ravel().tolist())
    assert header(data).arrays == {"a", "b", "c"}
    assert header(data).notes == {"x": 1}
    with pytest.raises(ValueError, match="a is F32, wanted F16"):
        row_of(tmp_path / "x.safetensors", "a", 0)
