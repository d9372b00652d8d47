"""What a call costs: seconds and the growth of memory at its peak."""

import ctypes
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch

Result = TypeVar("Result")

PROCESS = Path("/proc/self")


@dataclass(frozen=True)
class Cost:
    """Wall seconds; bytes by which memory grew at most, None where that cannot be told."""

    seconds: float
    memory_bytes: int | None


def measured(call: Callable[[], Result], device: torch.device) -> tuple[Result, Cost]:
    """Run ``call``; the memory is the device's on a GPU and the process's on the CPU.

    The process's peak can be reset, and so be told for one call, on Linux alone.
    """
    before = _reset_peak(device)
    begun = time.perf_counter()
    result = call()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    seconds = time.perf_counter() - begun
    after = _peak(device)
    growth = None if before is None or after is None else max(0, after - before)
    return result, Cost(seconds, growth)


def _reset_peak(device: torch.device) -> int | None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        gc.collect()
        _give_back()
        try:
            (PROCESS / "clear_refs").write_text("5", encoding="ascii")
        except OSError:
            return None
    return _peak(device)


def _give_back() -> None:
    """Return freed memory to the system (glibc): reused, it would not be seen to grow."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _peak(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        status = (PROCESS / "status").read_text(encoding="ascii")
    except OSError:
        return None
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 if peaks else None
