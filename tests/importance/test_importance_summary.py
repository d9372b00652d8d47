import numpy as np
import pytest
from scipy import stats

from lens_site.importance import summary


def draw(seed=0):
    return np.random.default_rng(seed)


def summarize(phi, codes=None, labels=None, class_index=3, p=12, centered=False):
    n, k = phi.shape
    generator = draw()
    return summary.summarize(
        phi,
        np.abs(generator.normal(size=(n, k))) if codes is None else codes,
        np.full(n, -1) if labels is None else labels,
        class_index,
        dictionary=np.abs(generator.normal(size=(k, p))),
        weights=generator.normal(size=p),
        generator=generator,
        centered=centered,
    )


def test_shares_keep_their_sign():
    phi = np.array([[3.0, -1.0], [3.0, -1.0]])
    assert summary.global_shares(phi).tolist() == [0.75, -0.25]


def test_shares_of_opposite_images_cancel():
    phi = np.array([[1.0, 1.0], [-1.0, 1.0]])
    assert summary.global_shares(phi).tolist() == [0.0, 0.5]


def test_shares_of_nothing_are_zero():
    assert summary.global_shares(np.zeros((3, 2))).tolist() == [0.0, 0.0]


def test_interval_against_a_loop_over_resamples():
    phi = draw(1).normal(size=(30, 4))
    got = summary.bootstrap_intervals(phi, generator=draw(2), resamples=200)
    rows = draw(2).integers(30, size=(200, 30))
    shares = np.array([summary.global_shares(phi[row]) for row in rows])
    assert np.allclose(got, np.quantile(shares, (0.025, 0.975), axis=0).T)


def test_interval_covers_the_true_share():
    truth, covered = 1.0 / 3.0, 0
    for seed in range(200):
        phi = draw(seed).exponential([1.0, 2.0], size=(60, 2))
        low, high = summary.bootstrap_intervals(phi, generator=draw(seed + 500))[0]
        covered += low <= truth <= high
    assert 0.90 <= covered / 200 <= 0.98


def test_interval_of_one_image_is_its_share():
    interval = summary.bootstrap_intervals(np.array([[2.0, -2.0]]), generator=draw())
    assert interval.tolist() == [[0.5, 0.5], [-0.5, -0.5]]


def test_null_share_against_explicit_shuffles():
    generator = draw(3)
    codes, atoms = generator.exponential(size=(50, 3)), generator.exponential(size=(3, 64))
    weights = generator.normal(size=64)
    got = summary.null_shares(codes, atoms, weights, generator=draw(4), draws=20_000)
    parts = np.abs(codes.sum(0) * (atoms @ weights))
    for i in range(3):
        gamma = np.array([generator.permutation(atoms[i]) @ weights for _ in range(20_000)])
        chance = np.abs(codes[:, i].sum() * gamma)
        expected = np.quantile(chance / (chance + parts.sum() - parts[i]), 0.95)
        assert got[i] == pytest.approx(expected, rel=0.03)


def test_null_share_separates_an_aligned_atom_from_random_ones():
    generator = draw(5)
    weights = generator.normal(size=512)
    atoms = np.abs(generator.normal(size=(5, 512)))
    atoms[0] = np.maximum(weights, 0)
    codes = generator.exponential(size=(100, 5))
    shares = np.abs(summary.global_shares(codes * (atoms @ weights)))
    null = summary.null_shares(codes, atoms, weights, generator=generator)
    assert shares[0] > null[0]
    assert (shares[1:] < null[1:]).sum() >= 3


def test_dominant_concept_takes_the_first_of_equals_and_knows_the_sign():
    phi = np.array([[1.0, 1.0], [-3.0, 0.5], [-1.0, -2.0]])
    assert summary.dominant_concepts(phi).tolist() == [0, 1, 0]


def test_reliability_leaves_out_the_unlabeled():
    dominant = np.array([0, 0, 0, 1, 2])
    labels = np.array([3, 7, -1, -1, 3])
    assert summary.reliability(dominant, labels, 3, concepts=4) == (0.5, None, 1.0, None)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
     (1, 29, 0.0061, 0.1718), (8, 8, 0.6756, 1)],
)  # fmt: skip
def test_wilson_against_published_values(right, n, low, high):
    """Newcombe 1998 (Statistics in Medicine 17, Table I, method 3), and 8 of 8."""
    assert summary.wilson(right, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 7, 300])
def test_wilson_equals_scipy_and_is_symmetric(n):
    for right in range(n + 1):
        exact = stats.binomtest(right, n).proportion_ci(method="wilson")
        low, high = summary.wilson(right, n)
        assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-12)
        assert 0 <= low < high <= 1
        assert summary.wilson(n - right, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_wilson_of_nothing_is_unknown():
    assert summary.wilson(0, 0) is None


def test_reliability_has_the_interval_of_its_counts():
    phi = np.eye(3)[[0, 0, 0, 0, 1, 1]]
    got = summarize(phi, labels=np.array([3, 3, 7, -1, -1, -1]))
    assert got.reliability == (2 / 3, None, None)
    assert got.reliability_intervals == (summary.wilson(2, 3), None, None)


def test_leading_often_is_the_binomial_test():
    counts = np.arange(31)
    for k in (2, 10):
        exact = [stats.binomtest(int(c), 30, 1 / k, "greater").pvalue <= 0.05 for c in counts[:k]]
        assert summary.leads_often(counts[:k], 30).tolist() == exact
    # P(X >= 6) = .073 and P(X >= 7) = .026 of 30 with chance 1/10
    counts = np.array([6, 7, 17, 0, 0, 0, 0, 0, 0, 0])
    assert summary.leads_often(counts, 30).tolist() == [False, True, True] + 7 * [False]


def test_one_concept_leads_with_nothing_to_test():
    assert summary.leads_often(np.array([5]), 5).tolist() == [True]


@pytest.mark.parametrize("n", [1, 20, 40, 100, 400])
def test_random_dominance_makes_about_none_of_ten_important(n):
    """3.5 to 6.5 of ten were counted when three images were enough."""
    counted = []
    for seed in range(100):
        phi = draw(seed).exponential(size=(n, 10))
        counted.append(np.sum(summary.leads_often(np.bincount(phi.argmax(1), minlength=10), n)))
    assert np.mean(counted) < 0.6  # the test lets at most a twentieth of ten pass


def test_a_concept_that_leads_often_but_not_above_its_null_is_not_important(monkeypatch):
    phi = np.tile([[3.0, 1.0], [3.0, 1.0], [1.0, 2.0]], (20, 1))
    assert summarize(phi, codes=np.abs(phi)).dominates.tolist() == [40, 20]
    monkeypatch.setattr(summary, "null_shares", lambda *a, **k: np.array([0.63, 0.9]))
    assert summarize(phi).important == (True, False)
    monkeypatch.setattr(summary, "null_shares", lambda *a, **k: np.array([0.65, 0.0]))
    assert summarize(phi).important == (False, False)


def test_centered_codes_have_no_null():
    """Their shares cancel: no concept could be above the null of uncentered codes."""
    contributions = draw(1).normal(size=(60, 4)) * [9.0, 1.0, 1.0, 1.0]
    phi = contributions - contributions.mean(axis=0)
    got = summarize(phi, codes=phi, centered=True)
    assert got.null_shares.tolist() == [0, 0, 0, 0]
    assert got.shares.tolist() == [0, 0, 0, 0]
    assert got.important == tuple(summary.leads_often(got.dominates, 60).tolist())
    assert got.important[0]
    assert not any(summarize(phi, codes=phi).important)


def test_explained_logit():
    y = np.array([2.0, -2.0])
    assert summary.explained_logit(y, np.array([1.5, -1.5])) == 0.75
    assert summary.explained_logit(y, -y) == -1.0
    assert summary.explained_logit(np.zeros(2), np.zeros(2)) == 0.0


def test_alignment_is_the_cosine_best_first():
    atoms = np.array([[3.0, 0.0], [0.0, 0.0]])
    weights = np.array([[0.0, 1.0], [-2.0, 0.0], [5.0, 0.0], [1.0, 1.0]])
    best, cosines = summary.class_alignment(atoms, weights, top=3)
    assert best.tolist() == [[2, 3, 0], [0, 1, 2]]
    assert np.allclose(cosines, [[1.0, 0.5**0.5, 0.0], [0.0, 0.0, 0.0]])


def test_summary_of_a_class():
    phi = np.tile([[2.0, 1.0], [1.0, 2.0], [2.0, -1.0], [2.0, 0.0]], (10, 1))
    got = summarize(phi, labels=np.tile([3, 4, 3, 5], 10))
    assert got.dominates.tolist() == [30, 10]
    assert got.prevalence.tolist() == [0.75, 0.25]
    assert got.reliability == (20 / 30, 0.0)
    assert (got.intervals[:, 0] <= got.shares).all()
    assert (got.shares <= got.intervals[:, 1]).all()


HARD = {
    "silent concept": np.array([[0.0, 1.0], [0.0, 2.0]]),
    "identical": np.ones((4, 3)),
    "all zero": np.zeros((4, 3)),
    "one image": np.array([[1.0, -2.0]]),
    "one concept": np.array([[1.0], [2.0]]),
    "one of each": np.array([[-1.0]]),
    "negative logit": -np.ones((5, 2)),
}


@pytest.mark.parametrize("name", HARD)
def test_every_figure_is_defined(name):
    phi = HARD[name]
    got = summarize(phi, codes=np.abs(phi))
    for array in (got.shares, got.intervals, got.null_shares, got.prevalence):
        assert np.isfinite(array).all()
        assert (np.abs(array) <= 1).all()
    assert got.prevalence.sum() == 1
    assert got.reliability == (None,) * phi.shape[1]
    assert got.null_shares[phi.any(axis=0) == 0].sum() == 0


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("silent concept", ["1 of 2 concepts never fire in these images."]),
        ("one image", ["There is one image only, so the intervals have no width."]),
        ("one concept", []),
        (
            "all zero",
            [
                "3 of 3 concepts never fire in these images.",
                "In 4 of 4 images no concept changes the logit; they count for the first concept.",
                "All images have the same codes, so the intervals have no width.",
            ],
        ),
    ],
)
def test_conventions_are_said(name, sentences):
    assert list(summary.remarks(HARD[name], np.abs(HARD[name]))) == sentences


def test_concepts_whose_shares_cancel_are_ordered_by_their_size() -> None:
    phi = np.array([[0.1, -3.0, 1.0], [-0.1, 3.0, -1.0]])
    assert summary.by_importance(phi).tolist() == [1, 2, 0]
    assert summary.by_importance(phi + np.array([0.5, 0.0, -0.25])).tolist() == [0, 2, 1]
    sentences = summary.remarks(phi, np.abs(phi))
    assert any("shares cancel" in sentence for sentence in sentences)
    assert not any("shares cancel" in s for s in summary.remarks(np.abs(phi), np.abs(phi)))
