"""What the concepts keep, held to NumPy in double."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from heads import INDEX, K, N, Subject, subject
from scipy.special import softmax

from lens_site.classes.kept import Answers, measure_kept, skill
from lens_site.classes.maps import mean_maps
from lens_site.classes.scores import acting_codes, class_score


def contributions(s: Subject) -> np.ndarray:
    gamma = s.extractor.dictionary.numpy() @ s.weight[INDEX]
    return s.codes.mean(dim=1).numpy() * gamma


@pytest.mark.parametrize("method", ["nmf", "pca", "kmeans"])
def test_against_numpy(method: str) -> None:
    s = subject(method=method)
    before, after = (s.linear_logits(a) for a in (s.activations.patches.numpy(), s.restored))
    y, y_hat = before[:, INDEX], after[:, INDEX]
    m, m_hat = (z[:, INDEX] - np.delete(z, INDEX, axis=1).max(axis=1) for z in (before, after))
    phi = contributions(s)
    kept, everything_else = measure_kept(s.images, s.extractor, s.both(), phi, crops=False)
    stays = (after.argmax(axis=1) == INDEX).mean()
    assert 0 < stays < 1
    assert kept.same_class == pytest.approx(stays)
    assert kept.probability == pytest.approx(softmax(before, axis=1)[:, INDEX].mean(), rel=1e-5)
    assert kept.probability_kept == pytest.approx(softmax(after, axis=1)[:, INDEX].mean(), rel=1e-5)
    assert kept.skill == pytest.approx(
        1 - np.abs(y - y_hat).sum() / np.abs(y - np.median(y)).sum(), rel=1e-5
    )
    assert kept.margin_skill == pytest.approx(
        1 - np.abs(m - m_hat).sum() / np.abs(m - np.median(m)).sum(), rel=1e-5
    )
    assert kept.margin_r2 == pytest.approx(max(0, np.corrcoef(m, m_hat)[0, 1]) ** 2, rel=1e-5)
    assert kept.everything_else == pytest.approx((y - y_hat).sum() / np.abs(phi).sum(), abs=1e-6)
    np.testing.assert_allclose(everything_else, y - y_hat, atol=1e-12)


@pytest.mark.parametrize("method", ["nmf", "pca", "semi-nmf"])
def test_bias_concepts_and_everything_else_are_the_logit(method: str) -> None:
    s = subject(method=method)
    both = s.both()
    _, everything_else = measure_kept(s.images, s.extractor, both, contributions(s), crops=False)
    y = s.linear_logits(s.activations.patches.numpy())[:, INDEX]
    total = both.bias + contributions(s).sum(axis=1) + everything_else
    np.testing.assert_allclose(total, y, atol=1e-12)


def test_the_mean_is_a_part_of_its_own_for_centered_codes() -> None:
    s = subject(method="pca")
    kept, _ = measure_kept(s.images, s.extractor, s.both(), contributions(s), crops=False)
    mean = s.activations.rows.mean(dim=0).numpy() @ s.weight[INDEX]
    assert kept.mean_part == pytest.approx(mean, rel=1e-5)
    assert kept.bias == pytest.approx(mean + s.bias[INDEX], rel=1e-5)
    s = subject(method="nmf")
    kept, _ = measure_kept(s.images, s.extractor, s.both(), contributions(s), crops=False)
    assert kept.mean_part is None
    assert kept.bias == pytest.approx(s.bias[INDEX], rel=1e-5)


def test_a_context_stays_with_its_image() -> None:
    s = subject("context")
    both = s.both()
    around = s.activations.context[:, 0].numpy()
    for answers, patches in (
        (both.before, s.activations.patches.numpy()),
        (both.after, s.restored),
    ):
        logits = (patches.mean(axis=(1, 2)) * around) @ s.weight.T + s.bias
        np.testing.assert_allclose(answers.logit, logits[:, INDEX], atol=1e-12)
        np.testing.assert_allclose(
            answers.strongest, np.delete(logits, INDEX, axis=1).max(axis=1), atol=1e-12
        )
    s = subject("context", "pca")  # without concepts there is the mean, seen by each image
    mean = s.extractor.decode(torch.zeros(1, K, dtype=torch.float64))[0].numpy()
    expected = ((mean * around) @ s.weight[INDEX] + s.bias[INDEX]).mean()
    assert s.both().bias == pytest.approx(expected)
    assert s.both().own_bias == pytest.approx(s.bias[INDEX])


def test_runner_up_afterwards_is_that_of_before() -> None:
    s = subject()
    before, after = (s.linear_logits(a) for a in (s.activations.patches.numpy(), s.restored))
    both = s.both()
    others = before.copy()
    others[:, INDEX] = -np.inf
    runner_up = others.argmax(axis=1)
    assert len(np.unique(runner_up)) > 1
    assert (both.before.runner_up == runner_up).all()
    np.testing.assert_allclose(both.before.at_runner_up, both.before.strongest)
    np.testing.assert_allclose(both.after.at_runner_up, after[np.arange(N), runner_up], atol=1e-12)
    assert (both.after.at_runner_up < both.after.strongest - 1e-9).any()


def test_a_perfect_reconstruction_keeps_everything() -> None:
    s = subject()
    both = s.both()
    kept, everything_else = measure_kept(
        s.images, s.extractor, replace(both, after=both.before), contributions(s), crops=False
    )
    assert (kept.skill, kept.margin_skill, kept.everything_else) == (1, 1, 0)
    assert kept.margin_r2 == pytest.approx(1)
    assert kept.probability == kept.probability_kept
    assert not everything_else.any()


def test_crops_are_compared_with_the_picture() -> None:
    """The head reads only its own grid; a linear one is known by its formula on any."""
    s = subject(grid=(4, 4))
    both = s.both()
    after = s.linear_logits(s.restored)
    np.testing.assert_allclose(both.after.logit, after[:, INDEX], atol=1e-12)
    kept, everything_else = measure_kept(s.images, s.extractor, both, contributions(s), crops=True)
    y = np.array(s.images.logits)
    np.testing.assert_allclose(everything_else, y - after[:, INDEX], atol=1e-12)
    assert kept.probability == pytest.approx(0.6)
    assert kept.skill == pytest.approx(skill(y, after[:, INDEX]), rel=1e-5)
    assert (kept.margin_skill, kept.margin_r2) == (None, None)
    assert kept.probability_kept == pytest.approx(both.after.probability.mean(), rel=1e-5)


@pytest.mark.parametrize("n", [1, 2])
def test_few_images(n: int) -> None:
    s = subject(n=n)
    kept, _ = measure_kept(s.images, s.extractor, s.both(), contributions(s), crops=False)
    assert kept.margin_r2 is None
    assert (kept.skill is None) == (n == 1)


def test_a_single_class_has_no_margin() -> None:
    s = subject(classes=1)
    both = s.both(0)
    kept, _ = measure_kept(s.images, s.extractor, both, np.zeros((N, K)), crops=False)
    assert (kept.same_class, kept.probability, kept.probability_kept) == (1, 1, 1)
    assert (kept.margin_skill, kept.margin_r2) == (None, None)
    assert kept.everything_else == 0  # Φ is 0


def test_skill_of_constant_guesses() -> None:
    y = np.array([1.0, 2.0, 9.0])
    assert skill(y, np.full(3, 2.0)) == 0
    assert skill(y, np.full(3, 4.0)) == pytest.approx(1 - 10 / 8)
    assert skill(y, y) == 1
    assert skill(np.full(3, 2.0), y) is None


def test_answers_of_a_curved_head_are_those_of_its_score() -> None:
    s = subject("curved")
    score = class_score(s.classifier, s.extractor, INDEX, s.activations)
    logit = score.of(torch.arange(N))(acting_codes(score, s.codes)).numpy()
    both = s.both()
    np.testing.assert_allclose(both.after.logit, logit, atol=1e-12)
    assert isinstance(both.before, Answers)
    assert np.abs(both.before.logit - both.after.logit).max() > 0.01


def test_mean_maps_by_hand() -> None:
    codes = np.zeros((2, 1, 3, 3))
    codes[0, 0, :, 0], codes[1, 0, :, 0] = (1, 2, 0), (3, 6, 0)
    codes[0, 0, :, 1] = (-4, 2, 0)
    assert mean_maps(codes) == (((0.5, 1.0, 0.0),), ((-1.0, 0.5, 0.0),), ((0.0, 0.0, 0.0),))
