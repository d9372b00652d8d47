"""A lease has one owner; it is free again when its owner is done or gone, and only then."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lens_site import lease, lock
from lens_site.errors import OutputError

HOLD = """
import sys, time
from pathlib import Path
from lens_site import lease
assert lease.acquire(Path(sys.argv[1]), "work")
print("held", flush=True)
time.sleep(120)
"""


def elsewhere(folder: Path, name: str, *, age: float) -> Path:
    """Write the lease of a process on another machine, last touched ``age`` seconds ago."""
    (folder / name).mkdir(parents=True)
    path = folder / name / "1"
    record = {"host": "far", "machine": "another", "pid": 7, "started": "1", "command": "lens"}
    path.write_text(json.dumps({**record, "since": "2026-01-01"}))
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_one_owner_at_a_time(tmp_path: Path) -> None:
    mine = lease.acquire(tmp_path, "work")
    assert mine is not None
    assert lease.acquire(tmp_path, "work") is None
    held = lease.owner(tmp_path, "work")
    assert held is not None
    assert (held.pid, held.here) == (os.getpid(), True)
    assert lease.owners(tmp_path) == {"work": held}
    mine.release()
    assert lease.owner(tmp_path, "work") is None
    again = lease.acquire(tmp_path, "work")
    assert again is not None
    assert mine.is_lost() and not again.is_lost()
    assert [p.name for p in (tmp_path / "work").iterdir()] == ["2"]
    again.release()


@pytest.mark.parametrize("round_", range(5))
def test_of_many_that_try_at_once_one_gets_it(tmp_path: Path, round_: int) -> None:
    elsewhere(tmp_path, "work", age=2 * lease.STALE)
    got: list[lease.Lease | None] = []
    gate = threading.Barrier(8)

    def take() -> None:
        gate.wait()
        got.append(lease.acquire(tmp_path, "work"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (mine,) = [one for one in got if one is not None]
    assert mine.path.name == "2"
    mine.release()


def test_a_killed_owner_on_this_machine_is_followed_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        assert lease.acquire(tmp_path, "work") is None
        held = lease.owner(tmp_path, "work")
        assert held is not None and held.pid == other.pid
        other.kill()
        while lease.owner(tmp_path, "work") is not None:  # a zombie is gone, too
            time.sleep(0.01)
        mine = lease.acquire(tmp_path, "work")
    assert mine is not None
    mine.release()


def test_an_owner_on_another_machine_is_judged_by_its_last_touch(tmp_path: Path) -> None:
    elsewhere(tmp_path, "silent", age=lease.STALE + 5)
    elsewhere(tmp_path, "alive", age=lease.STALE - 15)
    assert lease.acquire(tmp_path, "alive") is None
    mine = lease.acquire(tmp_path, "silent")
    assert mine is not None
    mine.release()


def test_clocks_of_machines_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(tmp_path, "alive", age=1)
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + 3600)
    assert lease.acquire(tmp_path, "alive") is None


def test_a_half_written_lease_is_respected_until_it_is_old(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "1").write_bytes(b'{"host": ')
    assert lease.acquire(tmp_path, "work") is None
    os.utime(tmp_path / "work" / "1", (0, 0))
    mine = lease.acquire(tmp_path, "work")
    assert mine is not None
    mine.release()


def test_a_holder_beats_and_hears_that_it_was_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT", 0.05)
    mine = lease.acquire(tmp_path, "work")
    assert mine is not None
    os.utime(mine.path, (0, 0))
    time.sleep(0.5)
    assert mine.path.stat().st_mtime > 0
    (tmp_path / "work" / "2").touch()
    assert mine.is_lost()
    mine.release()


def test_shards_share_a_folder_and_a_plain_build_does_not(tmp_path: Path) -> None:
    calls: list[str] = []
    one = lock.shared(tmp_path, "1-of-2", first=lambda: calls.append("one"))
    two = lock.shared(tmp_path, "2-of-2", first=lambda: calls.append("two"))
    with one, two:
        assert calls == ["one"]
        assert lock.others(tmp_path, "1-of-2") == ["2-of-2"]
        with pytest.raises(OutputError, match=f"process {os.getpid()} on .* is at work there"):
            lock.held(tmp_path).__enter__()
    with (
        lock.held(tmp_path),
        pytest.raises(OutputError, match="is at work there"),
        lock.shared(tmp_path, "1-of-2", first=lambda: calls.append("three")),
    ):
        pass
    with lock.held(tmp_path):
        pass
    assert calls == ["one"]


def test_a_shard_started_twice_waits_for_the_first(tmp_path: Path) -> None:
    ended: list[float] = []

    def again() -> None:
        with lock.shared(tmp_path, "1-of-2", first=lambda: None):
            ended.append(time.monotonic())

    with lock.shared(tmp_path, "1-of-2", first=lambda: None):
        thread = threading.Thread(target=again)
        thread.start()
        time.sleep(1.0)
        left = time.monotonic()
    thread.join()
    assert ended[0] >= left


def test_a_builder_on_another_machine_that_may_be_gone_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "STALE", 2.0)
    path = elsewhere(tmp_path / lock.HOLDERS, lock.ALONE, age=0.5)
    begun = time.monotonic()
    with lock.held(tmp_path):
        assert 1.0 < time.monotonic() - begun < 4.0
    path = elsewhere(tmp_path / "beating" / lock.HOLDERS, lock.ALONE, age=1.0)
    threading.Timer(0.7, lambda: os.utime(path)).start()
    with pytest.raises(OutputError, match="process 7 on far"):
        lock.held(tmp_path / "beating").__enter__()
