"""The same places of the same pictures, whatever crop and grid a network looks at them by.

Lengths are in short sides of a picture, from its center. A network with zoom z sees a square of
side 1/z, cut into h × w places.
"""

import numpy as np
from jaxtyping import Float


def in_common(
    first: Float[np.ndarray, "n h w k"],
    second: Float[np.ndarray, "n i j m"],
    zooms: tuple[float, float],
) -> tuple[Float[np.ndarray, "n r c k"], Float[np.ndarray, "n r c m"]]:
    """Bring the codes of two networks to one grid over what both see.

    The grid is as coarse as the coarser of the two there. A code is the mean of the codes it
    covers, each by the area that is covered; the same grid and zoom leave codes as they are.
    """
    side = min(1 / zoom for zoom in zooms)
    shapes = (first.shape[1:3], second.shape[1:3])
    grid = tuple(
        max(1, min(int(s[axis] * side * z + 1e-9) for s, z in zip(shapes, zooms, strict=True)))
        for axis in (0, 1)
    )
    one, other = (
        _resample(codes, 1 / zoom, grid, side)
        for codes, zoom in zip((first, second), zooms, strict=True)
    )
    return one, other


def _resample(
    codes: Float[np.ndarray, "n h w k"], side: float, grid: tuple[int, ...], into: float
) -> Float[np.ndarray, "n r c k"]:
    h, w = codes.shape[1:3]
    if (h, w) == grid and side == into:
        return codes
    rows, columns = _overlaps(h, side, grid[0], into), _overlaps(w, side, grid[1], into)
    return np.asarray(np.einsum("rh,nhwk,cw->nrck", rows, codes, columns, optimize=True))


def _overlaps(cells: int, side: float, new: int, into: float) -> Float[np.ndarray, "new cells"]:
    """Part of each new cell that lies in each old one; rows sum to 1."""
    old = (np.arange(cells + 1) / cells - 0.5) * side
    edges = (np.arange(new + 1) / new - 0.5) * into
    low = np.maximum(old[None, :-1], edges[:-1, None])
    high = np.minimum(old[None, 1:], edges[1:, None])
    covered = np.maximum(high - low, 0.0)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))
