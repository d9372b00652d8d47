"""Curves of every order of the concepts, written out: slow, and hard to get wrong."""

from itertools import pairwise, permutations

import numpy as np


def curve(y, codes, order, restore):
    """Logits of one image (s, k) while concepts are zeroed, or restored, one after the other."""
    now = np.zeros_like(codes) if restore else codes.copy()
    logits = [y(now)]
    for concept in order:
        now[:, concept] = codes[:, concept] if restore else 0
        logits.append(y(now))
    return np.array(logits)


def auc(logits):
    """Trapezoid rule over equal steps from 0 to 1."""
    return sum((a + b) / 2 for a, b in pairwise(logits)) / (len(logits) - 1)


def best_auc(y, codes, restore):
    """Lowest deletion, or highest insertion, over all k! orders."""
    areas = [auc(curve(y, codes, o, restore)) for o in permutations(range(codes.shape[1]))]
    return max(areas) if restore else min(areas)


def linear_aucs(parts, bias):
    """Deletion and insertion of all k! orders when y = bias + Σ parts: two arrays of k!."""
    orders = np.array(list(permutations(range(len(parts)))))
    gained = np.cumsum(parts[orders], axis=1)
    zero = np.zeros((len(orders), 1))
    inserted = bias + np.concatenate([zero, gained], axis=1)
    deleted = bias + parts.sum() - np.concatenate([zero, gained], axis=1)
    return np.array([auc(row) for row in deleted]), np.array([auc(row) for row in inserted])
