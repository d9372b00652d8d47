"""Numbers as results hold them, and the fingerprint of facts."""

import hashlib
import json
from typing import SupportsFloat


def rounded(value: SupportsFloat) -> float:
    """Six significant digits: what float32 can vouch for, and files half as long."""
    return float(f"{float(value):.6g}")


def digest(facts: object) -> str:
    """SHA-256 of anything JSON can hold, the same for the same facts."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
