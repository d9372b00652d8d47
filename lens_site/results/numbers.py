"""Numbers as results hold them."""

import numpy as np


def rounded(value: float | np.floating) -> float:
    """Six significant digits: what float32 can vouch for, and files half as long."""
    return float(f"{float(value):.6g}")
