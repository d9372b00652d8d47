"""Every number of a class page by its definition, from pictures, weights and stored dictionary.

Notation: n images, s = h · w places, p channels, k concepts, class c; activations A (n, s, p),
dictionary V (k, p), codes U (n, s, k) ≥ 0, u their means over places, φ_i = u_i v_i·W_c;
y a logit, ŷ the same on U V; for margins see ``subject``. It is for what Lens does when nothing is
asked for: nmf, a grid of places, gradient × input, a head of average pooling and a linear layer.
Nothing of Lens is called.
"""

from typing import Any

import numpy as np
from oracles.page.agreement import Between, Near
from oracles.page.covering import coverings
from oracles.page.drawn import drawn
from oracles.page.examples import count_tiles, examples
from oracles.page.groups import groups_and_strategies, memberships, separation, wilson
from oracles.page.metrics import metrics
from oracles.page.pictures import sharp, thumbnail_side
from oracles.page.refits import again
from oracles.page.subject import ROOM, Subject, unit
from scipy.stats import binomtest

LOSS_NOISE = 1e-4
"""A relative error this small is what float32 leaves: the root of its rounding of squares."""


def recompute(it: Subject, members: list[str] | None = None) -> dict[str, Any]:
    """Return what ``class.json`` has to say.

    ``members`` are the pictures of the whole set that the network classifies as the class; without
    them those of the class are taken for all.
    """
    n, h, w, k = it.codes.shape
    return {
        "schema_version": it.stored["schema_version"],  # of the file, not of the class
        "name": {"index": it.index, "name": it.network.names[it.index]},
        "predicted": len(it.keys if members is None else members),
        "grid": [h, w],
        "images": _images(it),
        "concepts": _concepts(it),
        **groups_and_strategies(it),
        "separation": separation(it),
        "rivals": _rivals(it),
        "kept": _kept(it),
        "refits": again(it).record,
        "metrics": metrics(it),
        "extraction": _extraction(it, rows=n * h * w, concepts=k),
        "faithfulness": _faithfulness(it),
        "score": "margin" if it.margin else "logit",
        "importance_method": "gradient-input",
        "adds_up": True,
        "recursion": None,
        "sprite": {"columns": 20, "size": thumbnail_side(it)},
        "sharp": sharp(it),
        "visualizations": drawn(it).record,
        "files": it.stored["files"],
    }


def _images(it: Subject) -> list[dict[str, Any]]:
    y, runner_up = it.logits[:, it.index], it.logits[np.arange(len(it.keys)), it.second]
    rest = it.explained(it.logits) - it.explained(it.kept_logits)
    room = it.room
    strongest = it.logits.max(axis=1, keepdims=True)
    odds = np.exp(it.logits - strongest)
    chance = odds[:, it.index] / odds.sum(axis=1)
    belongs = memberships(it)
    return [
        {
            "key": key,
            "label": it.labels[x],
            "label_name": None if it.labels[x] is None else it.network.names[it.labels[x]],
            "probability": Near(chance[x], 2e-5),
            "logit": Near(y[x], room),
            "margin": Near(y[x] - runner_up[x], room),
            "runner_up": int(it.second[x]),
            "importance": [Near(v, room) for v in it.phi[x]],
            "everything_else": Near(rest[x], room),
            "dominant": int(it.phi[x].argmax()) + 1,
            # an embedding is no measure: neighbors are looked at in the test
            "x": Between(-1, 1),
            "y": Between(-1, 1),
            **belongs[x],
        }
        for x, key in enumerate(it.keys)
    ]


def _concepts(it: Subject) -> list[dict[str, Any]]:
    n, k = it.phi.shape
    total, leads = np.abs(it.phi).sum(), it.phi.argmax(axis=1)
    shares = it.phi.sum(axis=0) / total
    low, high = _bootstrap(it.phi)
    null_low, null_high = _null(it)
    refits, covered, shown, pictures = again(it), coverings(it), examples(it), drawn(it).concepts
    known = np.array([-1 if one is None else one for one in it.labels])
    cosines = unit(it.atoms) @ unit(it.network.weight).T
    concepts = []
    for i in range(k):
        mine = leads == i
        labeled, right = int((known[mine] >= 0).sum()), int((known[mine] == it.index).sum())
        stored = it.stored["concepts"][i]
        often = k == 1 or binomtest(int(mine.sum()), n, 1 / k, alternative="greater").pvalue <= 0.05
        best = np.argsort(-cosines[i], kind="stable")[:5]
        concepts.append(
            {
                "number": i + 1,
                "share": Near(shares[i], ROOM),
                "interval": [Between(*low[:, i]), Between(*high[:, i])],
                "null_share": Between(null_low[i], null_high[i]),
                "prevalence": mine.mean(),
                "dominates": int(mine.sum()),
                "reliability": right / labeled if labeled else None,
                "reliability_interval": wilson(right, labeled),
                "important": bool(mine.any() and often and shares[i] > stored["null_share"]),
                "found_again": refits.cosines[i],
                "share_range": refits.ranges[i],
                "covering": covered[i],
                "mean_map": _mean_map(it.codes[..., i]),
                "aligned": [
                    {
                        "index": int(c),
                        "name": it.network.names[c],
                        "cosine": Near(cosines[i, c], 1e-6),
                    }
                    for c in best
                ],
                **shown[i],
                "visualization": pictures[i],
                "parts": [],
                "parts_r2": None,
                "parts_r2_random": None,
            }
        )
    return count_tiles(it, concepts)


def _bootstrap(phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where either end of a 95 % interval may lie that rests on 1000 draws of images.

    The quantile at .025 of 1000 draws lies, within five standard errors of .005, between those at
    .002 and .05 of many.
    """
    draws = np.random.default_rng(99)
    n = len(phi)
    times = draws.multinomial(n, np.full(n, 1 / n), size=20_000)
    shares = times @ phi / (times @ np.abs(phi).sum(axis=1))[:, None]
    return np.quantile(shares, [0.002, 0.05], axis=0), np.quantile(shares, [0.95, 0.998], axis=0)


def _null(it: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Where the 95th percentile of the share of a shuffled direction may lie."""
    draws = np.random.default_rng(98)
    own = it.toward.mean(axis=0)
    weights = np.tile(own, (4000, 1))
    gamma = np.abs(it.atoms @ draws.permuted(weights, axis=1).T)
    sizes = it.codes.mean(axis=(1, 2)).sum(axis=0)
    kept = sizes * np.abs(it.atoms @ own)
    other = kept.sum() - kept
    mine = gamma * sizes[:, None]
    shares = np.divide(
        mine, mine + other[:, None], out=np.zeros_like(mine), where=mine + other[:, None] > 0
    )
    return (
        np.quantile(shares, 0.915, axis=1) * (1 - 1e-5),
        np.quantile(shares, 0.985, axis=1) * (1 + 1e-5),
    )


def _mean_map(codes: np.ndarray) -> list[list[Near]]:
    mean = codes.mean(axis=0)
    return [[Near(v, 1e-5) for v in row] for row in mean / (mean.max() or 1.0)]


def _rivals(it: Subject) -> list[dict[str, Any]]:
    c = it.index
    second, room = it.second, it.room
    counts = np.bincount(second, minlength=it.logits.shape[1])
    rivals = []
    for rival in [int(r) for r in np.argsort(-counts, kind="stable")[:3] if counts[r]]:
        of = second == rival
        margin = (it.logits[of, c] - it.logits[of, rival]).mean()
        kept = (it.kept_logits[of, c] - it.kept_logits[of, rival]).mean()
        toward = it.atoms @ (it.network.weight[c] - it.network.weight[rival])
        rivals.append(
            {
                "index": rival,
                "name": it.network.names[rival],
                "images": int(of.sum()),
                "margin": Near(margin, room),
                "differences": [Near(v, room) for v in it.codes[of].mean(axis=(0, 1, 2)) * toward],
                "constant": Near(it.network.bias[c] - it.network.bias[rival], room),
                "everything_else": Near(margin - kept, room),
            }
        )
    return rivals


def _kept(it: Subject) -> dict[str, Any]:
    c = it.index
    y, kept = it.logits[:, c], it.kept_logits[:, c]

    def margin(logits: np.ndarray) -> np.ndarray:
        return logits[:, c] - np.delete(logits, c, axis=1).max(axis=1)

    def chance(logits: np.ndarray) -> float:
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return float((odds[:, c] / odds.sum(axis=1)).mean())

    def skill(true: np.ndarray, told: np.ndarray) -> float:
        return 1 - np.abs(true - told).sum() / np.abs(true - np.median(true)).sum()

    m, told = margin(it.logits), margin(it.kept_logits)
    return {
        "same_class": float((it.kept_logits.argmax(axis=1) == c).mean()),
        "probability": Near(chance(it.logits), ROOM),
        "probability_kept": Near(chance(it.kept_logits), ROOM),
        "skill": Near(skill(y, kept), 1e-4),
        "margin_skill": Near(skill(m, told), 1e-4),
        "margin_r2": Near(max(0.0, np.corrcoef(m, told)[0, 1]) ** 2, 1e-4),
        "bias": float(it.at_nothing.mean()),
        "mean_part": None,
        "everything_else": Near(
            (it.explained(it.logits) - it.explained(it.kept_logits)).sum() / np.abs(it.phi).sum(),
            10 * ROOM,
        ),
    }


def _extraction(it: Subject, *, rows: int, concepts: int) -> dict[str, Any]:
    """The losses are those of a fit that is over; the last one is the error that was measured."""
    stored = it.stored["extraction"]["losses"]
    error = np.linalg.norm(it.rows - it.codes.reshape(rows, -1) @ it.atoms)
    last = float(error / np.linalg.norm(it.rows))
    before = [1.0, *stored[:-1]]
    least = 0.998 * last - LOSS_NOISE
    return {
        "method": "nmf",
        "concepts": concepts,
        "tried": [],
        "patches": "grid",
        "rows": rows,
        "iterations": len(stored),
        "losses": [Between(least, one * (1 + 1e-5) + LOSS_NOISE) for one in before[:-1]]
        + [Between(least, 1.01 * last + LOSS_NOISE)],
    }


def _faithfulness(it: Subject) -> dict[str, Any]:
    n, k = it.phi.shape
    bias = it.at_nothing[:, None]
    ranked = -np.sort(-it.phi, axis=1)
    inserted = bias + np.cumsum(np.column_stack([np.zeros(n), ranked]), axis=1)
    deleted = bias + it.phi.sum(axis=1, keepdims=True) - (inserted - bias)
    full = bias.mean() + it.phi.sum(axis=1).mean()
    draws = np.random.default_rng(97)
    shuffled = np.stack([draws.permuted(it.phi, axis=1) for _ in range(200)])
    by_chance = np.cumsum(np.concatenate([np.zeros((200, n, 1)), shuffled], axis=2), axis=2)
    spread = by_chance.mean(axis=1).std(axis=0) / 2  # of the mean of four orders an image
    expected = np.arange(k + 1) / k * it.phi.sum(axis=1).mean()

    def curve(values: np.ndarray) -> dict[str, Any]:
        values = values / abs(full)
        area = (values[1:] + values[:-1]).sum() / (2 * k)
        return {"values": [Near(v, ROOM) for v in values], "auc": Near(area, ROOM)}

    def around(values: np.ndarray) -> dict[str, Any]:
        values, room = values / abs(full), 5 * spread / abs(full) + 1e-5
        ends = [Between(*v) for v in zip(values - room, values + room, strict=True)]
        area = (values[1:] + values[:-1]).sum() / (2 * k)
        return {"values": ends, "auc": Between(area - room.max(), area + room.max())}

    return {
        "deletion": curve(deleted.mean(axis=0)),
        "insertion": curve(inserted.mean(axis=0)),
        "random_deletion": around(full - expected),
        "random_insertion": around(bias.mean() + expected),
        "mu_fidelity": Near(1.0, 1e-5),  # its claims are what taking them out does, to the letter
        "images": n,
    }
