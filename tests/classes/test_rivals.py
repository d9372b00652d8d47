"""Rather than: contributions to a difference of two logits, and that nothing of it is lost."""

from collections import Counter

import numpy as np
import pytest
import torch
from heads import INDEX, K, N, Subject, subject

from lens_site.classes.rivals import MOST, find_rivals
from lens_site.results.schema import Rival

ORDER = np.array([2, 0, 3, 1])


def rivals(s: Subject, order: np.ndarray = ORDER) -> tuple[Rival, ...]:
    return find_rivals(
        s.classifier, s.extractor, s.activations, s.codes, s.both(), INDEX, order
    )  # fmt: skip


@pytest.mark.parametrize("method", ["nmf", "pca"])
def test_a_linear_head_by_numpy(method: str) -> None:
    s = subject(method=method, dtype=torch.float32)
    patches = s.activations.patches.numpy()
    logits = s.linear_logits(patches)
    others = logits.copy()
    others[:, INDEX] = -np.inf
    runner_up = others.argmax(axis=1)
    found = rivals(s)
    assert len(found) > 1
    for rival in found:
        members = runner_up == rival.index
        difference = s.weight[INDEX] - s.weight[rival.index]
        u = s.codes.numpy().mean(axis=1)[members].mean(axis=0)
        mean = (patches - s.restored)[members].mean(axis=(0, 1, 2))
        origin = s.extractor.decode(torch.zeros(1, K))[0].numpy()
        margin = (logits[:, INDEX] - logits[:, rival.index])[members].mean()
        assert rival.images == members.sum()
        assert rival.name == f"c{rival.index}"
        assert rival.margin == pytest.approx(margin, rel=1e-5)
        expected = u * (s.extractor.dictionary.numpy() @ difference)
        assert rival.differences == pytest.approx(expected[ORDER], rel=1e-4, abs=2e-6)
        bias = s.bias[INDEX] - s.bias[rival.index]
        assert rival.constant == pytest.approx(origin @ difference + bias, rel=1e-4, abs=2e-6)
        assert rival.everything_else == pytest.approx(mean @ difference, rel=1e-4, abs=2e-6)
        total = rival.constant + sum(rival.differences) + rival.everything_else
        assert total == pytest.approx(rival.margin, abs=2e-5)


def test_the_most_frequent_come_first_and_three_at_most() -> None:
    s = subject(dtype=torch.float32)
    counts = Counter(s.both().before.runner_up.tolist())
    assert INDEX not in counts
    found = rivals(s)
    assert [r.images for r in found] == sorted(counts.values(), reverse=True)[:MOST]
    assert all(counts[r.index] == r.images for r in found)


@pytest.mark.parametrize(
    ("kind", "method"), [("curved", "nmf"), ("context", "nmf"), ("context", "pca")]
)
def test_other_heads_by_finite_differences(kind: str, method: str) -> None:
    s = subject(kind, method)
    both = s.both()
    rival = rivals(s, np.arange(K))[0]
    members = np.flatnonzero(both.before.runner_up == rival.index)
    assert len(members) < N

    def mean_difference(codes: torch.Tensor) -> float:
        answers = [
            s._replace(codes=codes).both(c).after.logit[members] for c in (INDEX, rival.index)
        ]
        return float((answers[0] - answers[1]).mean())

    step = 1e-5
    for i in range(K):
        scaled = []
        for sign in (1, -1):
            codes = s.codes.clone()
            codes[..., i] *= 1 + sign * step
            scaled.append(mean_difference(codes))
        assert rival.differences[i] == pytest.approx(
            (scaled[0] - scaled[1]) / (2 * step), rel=1e-4, abs=1e-6
        )
    assert rival.constant == pytest.approx(mean_difference(0 * s.codes), rel=1e-4, abs=2e-6)
    kept = mean_difference(s.codes)
    assert rival.everything_else == pytest.approx(rival.margin - kept, abs=2e-5)


def test_crops_are_read_as_places() -> None:
    s = subject(grid=(4, 4), dtype=torch.float32)
    rival = rivals(s)[0]
    total = rival.constant + sum(rival.differences) + rival.everything_else
    assert total == pytest.approx(rival.margin, abs=2e-5)


def test_a_single_class_has_no_rival() -> None:
    s = subject(classes=1)
    both = s.both(0)
    assert find_rivals(s.classifier, s.extractor, s.activations, s.codes, both, 0, ORDER) == ()
