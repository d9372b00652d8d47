"""Importance of one image by its definition, one loop a symbol. Codes (s, k), y takes one image."""

from itertools import permutations, product

import numpy as np


def zeroed(codes, concepts):
    out = codes.copy()
    out[:, list(concepts)] = 0
    return out


def occlusion(y, codes):
    return np.array([y(codes) - y(zeroed(codes, [i])) for i in range(codes.shape[1])])


def shapley(y, codes):
    """Mean gain of a concept over all orders in which concepts may arrive."""
    k = codes.shape[1]
    phi = np.zeros(k)
    orders = list(permutations(range(k)))
    for order in orders:
        for place, i in enumerate(order):
            absent = order[place:]
            phi[i] += y(zeroed(codes, absent[1:])) - y(zeroed(codes, absent))
    return phi / len(orders)


def rise(y, codes, keep):
    k = codes.shape[1]
    above, below = np.zeros(k), np.zeros(k)
    for mask in product([0, 1], repeat=k):
        chance = np.prod([keep if m else 1 - keep for m in mask])
        above += chance * np.array(mask) * y(codes * np.array(mask))
        below += chance * np.array(mask)
    return above / below


def hsic(mask, logits):
    """tr(K H L H) / (N − 1)² with the matrices in full."""
    n = len(mask)
    center = np.eye(n) - 1 / n
    k = (mask[:, None] == mask[None, :]).astype(float)
    sigma = np.std(logits)
    ell = np.exp(-((logits[:, None] - logits[None, :]) ** 2) / (2 * sigma**2))
    return np.trace(k @ center @ ell @ center) / (n - 1) ** 2


def jansen(y, codes, masks):
    """Total indices from masks (designs, k + 2, k): A, A_1 … A_k, B."""
    logits = np.array([[y(codes * m) for m in design] for design in masks])
    variance = np.var(np.concatenate([logits[:, 0], logits[:, -1]]))
    inner = logits[:, 1:-1]
    return ((logits[:, :1] - inner) ** 2).mean(axis=0) / 2 / variance
