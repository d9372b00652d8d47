"""Memory of a whole ImageNet class: 1,300 images × 49 patches × 2,048 channels, half a GB.

A process of its own fits and encodes by one method after another; the kernel's mark of the
most memory used is set back before each. Four planted concepts make fits short; what a fit
keeps for each concept is small beside the matrix.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lens_site.extraction import METHODS

MARK = Path("/proc/self/clear_refs")
MATRIX = 1_300 * 49 * 2_048 * 4

MEASURE = """
import json
from pathlib import Path
import torch
from lens_site.extraction import METHODS

def memory(line):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(text.split()[1]) for text in lines if text.startswith(line))

torch.set_num_threads(1)
g = torch.Generator().manual_seed(0)
rows = torch.rand(1_300 * 49, 4, generator=g) ** 4 @ torch.rand(4, 2_048, generator=g) ** 3
noise = torch.rand(4_900, 2_048, generator=g)
for part in rows.split(len(noise)):
    part += 0.1 * noise
for name, method in METHODS.items():
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    method(4).fit(rows, generator=g).encode(rows)
    print(json.dumps([name, memory("VmHWM") - before]))
"""


@pytest.fixture(scope="module")
def growth() -> dict[str, int]:
    """Bytes beyond the matrix that each method needed at most."""
    if not MARK.exists():
        pytest.skip("no /proc/self/clear_refs: memory is measured on Linux only")
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("method", METHODS)
def test_no_method_needs_the_matrix_twice(growth: dict[str, int], method: str) -> None:
    assert 10e6 < growth[method] < MATRIX < 2e9
