"""The audit finds what is planted, ranks by what is sure, and finds nothing where nothing is."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import directions, facts, many
from scipy.stats import binom

from lens_site.model.audit import Subject, audit, exact
from lens_site.model.concepts import ClassFacts, Labels, outer_ring
from lens_site.results.schema import Finding, Member, SharedGroup


def found(made: list[ClassFacts], kind: str, groups: tuple[SharedGroup, ...] = ()) -> list[Finding]:
    looks, findings = audit(Subject(made, groups))
    kept = [f for f in findings if f.kind == kind]
    assert next(look.found for look in looks if look.kind == kind) >= len(kept)
    return kept


def labeled(one: ClassFacts, *led: tuple[int, int]) -> ClassFacts:
    """The class with so many (labeled, wrong) images led by each concept."""
    rest = [Labels(0, 0)] * (len(one.concepts) - len(led))
    known, wrong = (sum(v) for v in zip(*led, strict=True))
    return replace(one, led=(*(Labels(*v) for v in led), *rest), labels=Labels(known, wrong))


def test_nothing_is_found_where_nothing_is() -> None:
    made = [labeled(one, (40, 2), (20, 1)) for one in many(6)]
    looks, findings = audit(Subject(made, ()))
    assert findings == ()
    assert {look.kind: look.looked for look in looks}["misleads"] == 12


def test_a_concept_that_leads_mistakes_is_first_by_what_is_sure() -> None:
    made = [labeled(one, (40, 2), (20, 1)) for one in many(6)]
    made[2] = labeled(made[2], (40, 2), (3, 3))  # all wrong, but of three
    made[4] = labeled(made[4], (60, 40), (20, 1))
    (first, *others) = found(made, "misleads")
    assert (first.index, first.concept, first.images) == (4, 1, 60)
    assert first.value == pytest.approx(40 / 60)
    others_wrong = 1 + 4 * 3 + 5
    assert first.expected == pytest.approx(others_wrong / (20 + 4 * 60 + 43), abs=1e-5)
    assert first.interval == pytest.approx(exact(40, 60, 12), abs=1e-5)
    assert all(f.index != 2 for f in others), "three images are sure of nothing among twelve looks"


def test_what_is_sure_comes_before_what_is_extreme() -> None:
    made = [labeled(one, (40, 2), (20, 1)) for one in many(6)]
    made[1] = labeled(made[1], (6, 6), (20, 1))
    made[3] = labeled(made[3], (90, 72), (20, 1))
    sure, extreme = found(made, "misleads")
    assert (sure.index, extreme.index) == (3, 1)
    assert extreme.value > sure.value


def test_intervals_widen_with_the_number_of_looks() -> None:
    few = [labeled(one, (30, 9), (40, 1)) if not one.index else labeled(one, (70, 5))
           for one in many(2)]  # fmt: skip
    rare = [labeled(one, (70, 5)) for one in many(300, each=2)]
    assert [f.index for f in found(few, "misleads")] == [0]
    assert found([few[0], *rare[1:]], "misleads") == []


@pytest.mark.parametrize(("k", "n", "looks"), [(40, 60, 12), (3, 3, 10_000), (1, 9, 1)])
def test_the_interval_is_where_the_tails_are_as_small_as_the_looks_demand(
    k: int, n: int, looks: int
) -> None:
    low, high = exact(k, n, looks)
    assert binom.sf(k - 1, n, low) == pytest.approx(0.025 / looks)
    assert high == 1 if k == n else binom.cdf(k, n, high) == pytest.approx(0.025 / looks)


def test_chance_is_rarely_a_finding() -> None:
    """Forty runs of 400 concepts that all lead mistakes with the same probability."""
    generator = np.random.default_rng(0)
    made, runs = many(100, each=4), 0
    for _ in range(40):
        drawn = [
            labeled(one, *((n, int(generator.binomial(n, 0.1))) for n in (3, 8, 20, 60)))
            for one in made
        ]
        runs += bool(found(drawn, "misleads"))
    assert runs <= 4


def test_evidence_at_the_edge() -> None:
    made = many(4)
    outside = ((0.95, 0.01), (0.6, 0.2), *made[1].outside[2:])
    made[1] = replace(made[1], outside=outside)
    (only,) = found(made, "off-center")
    assert (only.index, only.concept, only.expected) == (1, 1, pytest.approx(24 / 49, abs=1e-5))
    assert only.interval is not None
    assert only.expected < only.interval[0] < only.value < only.interval[1] <= 1
    few = [replace(one, images=5) for one in made]
    assert found(few, "off-center") == []


def test_the_outer_ring() -> None:
    assert outer_ring(7, 7).sum() == 24
    assert outer_ring(14, 14).mean() == pytest.approx(24 / 49)
    assert outer_ring(1, 1).sum() == 0
    ring = outer_ring(5, 7)
    assert ring[1:-1, 1:-1].sum() == 0
    assert ring[0].all() and ring[:, -1].all()


def group(*members: tuple[int, int]) -> SharedGroup:
    named = tuple(Member(index=i, concept=c) for i, c in members)
    return SharedGroup(number=1, members=named, cosine=0.9, least=0.8)


def test_what_recurs_in_unlike_classes() -> None:
    """Of two families of classes, one shared concept joins both, another stays in one."""
    kinds = directions(2, seed=9)
    made = []
    for i in range(6):
        dictionary = 0.1 * directions(4, seed=20 + i)
        dictionary[0] += 5 * kinds[i % 2]
        made.append(facts(i, dictionary))
    unlike, alike = group((0, 2), (1, 2), (2, 2), (3, 2)), group((0, 2), (2, 2), (4, 2))
    (only,) = found(made, "recurs", (unlike,))
    assert (only.group, only.index, only.images) == (1, None, 160)
    assert only.value <= only.expected
    assert only.share == pytest.approx(np.mean([made[0].concepts[1].share] * 4), abs=1e-5)
    assert found(made, "recurs", (alike,)) == []
    assert found(made, "recurs", (group((0, 2), (1, 2)),)) == [], "two classes are not many"


def test_what_refits_do_not_give_back() -> None:
    made = many(3)
    small, large = made[0].concepts[1], made[1].concepts[0]
    changed = [
        (0, 1, small.model_copy(update={"found_again": 0.3})),  # as random patches are
        (1, 0, large.model_copy(update={"share_range": (0.01, 0.6)})),  # nothing in some refit
    ]
    for i, c, concept in changed:
        concepts = (*made[i].concepts[:c], concept, *made[i].concepts[c + 1 :])
        made[i] = replace(made[i], concepts=concepts)
    one, other = found(made, "lost")
    assert (one.index, one.concept, one.share_interval) == (1, 1, (0.01, 0.6))
    assert (other.index, other.concept, other.value, other.expected) == (0, 2, 0.3, 0.4)
