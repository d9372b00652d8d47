from collections.abc import Mapping
from typing import Any

import numpy as np

from lens_site.config import load_config
from lens_site.engine.plan import Images, Plan, make_plan
from lens_site.results.predictions import Predictions, identities, nothing_known

NAMES = tuple(f"{i:02d}.jpg" for i in range(12))


def rows(classes: str = "aaaaaabbbbx-") -> Predictions:
    table = nothing_known(identities(NAMES, ["stamp"] * 12))
    table.predicted[:] = [{"a": 0, "b": 1, "x": 2, "-": -1}[c] for c in classes]
    table.digest[:, 0] = range(12)
    table.probability[:], table.logit[:] = 0.1234567, 1.2345678
    return table


def plan(
    table: Predictions | None = None,
    labels: list[int] | None = None,
    keys: Mapping[int, str] | None = None,
    run: str = "run-1",
    **options: Any,
) -> Plan:
    config = load_config({"min_images": 3, **options})
    images = Images(table or rows(), NAMES, np.array(labels or [-1] * 12))
    return make_plan(images, (0, 1, 2, 3), config, run=run, keys=keys or {})


def keys_of(made: Plan) -> dict[int, str]:
    return {c.index: c.key for c in made.compute}


def test_classes_are_those_the_model_predicts() -> None:
    made = plan()
    assert [c.index for c in made.compute] == [0, 1]
    assert made.positions == {0: (0, 1, 2, 3, 4, 5), 1: (6, 7, 8, 9)}
    assert made.few == {2: 1, 3: 0}
    assert made.compute[0].names == NAMES[:6]
    assert made.compute[0].probabilities == (0.123457,) * 6
    assert made.compute[0].logits == (1.23457,) * 6


def test_nothing_changed_nothing_to_do() -> None:
    again = plan(keys=keys_of(plan()))
    assert again.compute == ()
    assert [c.index for c in again.current] == [0, 1]
    assert [c.index for c in plan(keys=keys_of(plan()), force=True).compute] == [0, 1]


def test_one_changed_picture_touches_one_class() -> None:
    table = rows()
    table.digest[7] = 99
    assert [c.index for c in plan(table, keys=keys_of(plan())).compute] == [1]


def test_a_changed_label_touches_its_class() -> None:
    labels = [-1] * 12
    labels[0] = 5
    assert [c.index for c in plan(labels=labels, keys=keys_of(plan())).compute] == [0]


def test_an_image_that_changes_class_touches_both() -> None:
    assert len(plan(rows("aaaaabbbbbx-"), keys=keys_of(plan())).compute) == 2


def test_another_configuration_is_another_run() -> None:
    assert len(plan(run="run-2", keys=keys_of(plan())).compute) == 2


def test_max_images_touches_only_classes_that_are_larger() -> None:
    made = plan(max_images=4, keys=keys_of(plan()))
    assert [c.index for c in made.compute] == [0]
    assert len(made.compute[0].names) == 4
    assert made.compute[0].predicted == 6
