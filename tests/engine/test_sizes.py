"""The predicting pass at 50,000 rows: right, as small as promised, its memory bounded."""

from pathlib import Path

import numpy as np
from sizes import keys_of, memory, rows_of, simulate

from lens_site.results.predictions import ROW, UNKNOWN

ROWS = 50_000


def test_a_large_table_is_appended_resumed_read_and_planned(tmp_path: Path) -> None:
    said: list[str] = []
    interrupted, whole, plan = simulate(tmp_path, ROWS, said.append)
    lost = ROWS // 2 - 1  # the row that was torn
    assert interrupted.unknown.tolist() == list(range(lost, ROWS))
    assert (whole.predicted != UNKNOWN).all()
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.bin")) == ROWS * ROW.itemsize
    assert ROW.itemsize == 64
    first = rows_of(whole.image[:256], 0)
    for name in ("predicted", "digest", "probability", "logit"):
        assert (getattr(whole, name)[:256] == first[name]).all()
    assert (whole.predicted[:lost] == interrupted.predicted[:lost]).all()
    counts = np.bincount(whole.predicted, minlength=1000)
    assert [one.predicted for one in plan.compute] == counts.tolist()
    keys = keys_of(ROWS)
    for one in plan.compute[:3]:
        at = np.flatnonzero(whole.predicted == one.index)
        assert one.names == tuple(keys[i] for i in at)
        assert one.probabilities == tuple(round(float(p), 6) for p in whole.probability[at])


def test_memory_does_not_grow_with_the_pictures(tmp_path: Path) -> None:
    """Beside their columns, 0.2 KB an image; batches that stayed would take 300 MB and more."""
    (_, few), (_, many) = (memory(tmp_path / str(n), n) for n in (1000, 15_000))
    assert many < few + 40
