"""The results archive: the same bytes each time, whole or not at all, and nothing outside."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from lens_site.atomic import MARK, mark
from lens_site.errors import OutputError, ResultError
from lens_site.results import pack as pack_module
from lens_site.results.pack import archive_name, pack, unpack

RUN = "3f2a"
SLUGS = ("0967-espresso", "0607-jack-o-lantern")


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run of two classes, with what must stay behind: a cache and a half-written class."""
    run_dir = tmp_path / "build" / "results" / RUN
    for slug in (*SLUGS, "0001-goldfish"):  # the goldfish is no class of the run any more
        folder = run_dir / slug
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(f'{{"slug": "{slug}"}}')
        (folder / "concept-01.webp").write_bytes(slug.encode() * 1000)
    (run_dir / "run.json").write_text("{}")
    (run_dir / ".0001-goldfish.lens-partial-0123456789ab").mkdir()
    (run_dir / ".0001-goldfish.lens-partial-0123456789ab" / "result.json").write_text("{")
    (run_dir / "0967-espresso" / ".result.json.lens-partial-0123456789ab").write_text("{")
    (run_dir / "cache").mkdir()
    (run_dir / "cache" / "predictions.safetensors").write_bytes(b"0")
    return run_dir


@pytest.fixture
def archive(run_dir: Path, tmp_path: Path) -> Path:
    archive = tmp_path / archive_name(RUN)
    pack(run_dir, archive, SLUGS)
    return archive


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARK
    }


def tar_of(path: Path, *entries: tarfile.TarInfo) -> Path:
    """Write an archive of a stranger's making; each entry carries its own bytes."""
    with tarfile.open(path, "w:gz") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, 2 if kind == tarfile.REGTYPE else 0
    return info


def test_what_goes_in_comes_out_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    run_dir = unpack(archive, tmp_path / "elsewhere")
    assert run_dir == tmp_path / "elsewhere" / RUN
    assert tree(tmp_path / "elsewhere") == {
        f"{RUN}/run.json": b"{}",
        f"{RUN}/0967-espresso/result.json": b'{"slug": "0967-espresso"}',
        f"{RUN}/0967-espresso/concept-01.webp": b"0967-espresso" * 1000,
        f"{RUN}/0607-jack-o-lantern/result.json": b'{"slug": "0607-jack-o-lantern"}',
        f"{RUN}/0607-jack-o-lantern/concept-01.webp": b"0607-jack-o-lantern" * 1000,
    }


def test_the_network_for_the_browser_goes_with_the_run(run_dir: Path, tmp_path: Path) -> None:
    (run_dir / "network.safetensors").write_bytes(b"layers")
    pack(run_dir, tmp_path / "a.tar.gz", SLUGS)
    unpacked = unpack(tmp_path / "a.tar.gz", tmp_path / "elsewhere")
    assert (unpacked / "network.safetensors").read_bytes() == b"layers"


def test_same_results_same_bytes(run_dir: Path, archive: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / archive.name
    for path in run_dir.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    pack(run_dir, again, SLUGS)
    assert again.read_bytes() == archive.read_bytes()
    assert archive.read_bytes()[4:8] == bytes(4)  # gzip's own time
    with tarfile.open(archive) as tar:
        assert [(entry.name, entry.mtime) for entry in tar] == [
            (f"{RUN}/run.json", 0),
            (f"{RUN}/0607-jack-o-lantern/concept-01.webp", 0),
            (f"{RUN}/0607-jack-o-lantern/result.json", 0),
            (f"{RUN}/0967-espresso/concept-01.webp", 0),
            (f"{RUN}/0967-espresso/result.json", 0),
        ]


def test_order_does_not_come_from_the_disk(run_dir: Path, tmp_path: Path) -> None:
    slugs = [f"{index:04d}-class" for index in range(40)]
    for slug in slugs[::-1]:
        (run_dir / slug).mkdir()
        (run_dir / slug / "result.json").write_text("{}")
    pack(run_dir, tmp_path / "many.tar.gz", slugs)
    with tarfile.open(tmp_path / "many.tar.gz") as tar:
        names = [Path(name).parent.name for name in tar.getnames()]
    assert [name for name in names if name.endswith("-class")] == slugs


def test_sha256sum_agrees(run_dir: Path, archive: Path) -> None:
    digest = pack(run_dir, archive, SLUGS)
    beside = archive.with_name(archive.name + ".sha256")
    assert beside.read_text() == f"{digest}  {archive.name}\n"
    check = ["sha256sum", "--check", "--strict", beside.name]
    done = subprocess.run(check, cwd=archive.parent, capture_output=True, text=True)
    assert done.stdout == f"{archive.name}: OK\n"


def test_unpacking_replaces_an_older_copy(archive: Path, tmp_path: Path) -> None:
    old = tmp_path / "elsewhere" / RUN / "0000-tench"
    mark(old.parent)
    old.mkdir()
    unpack(archive, tmp_path / "elsewhere")
    assert [path.name for path in sorted((tmp_path / "elsewhere").glob("[!.]*"))] == [RUN]
    assert not old.exists()


def test_another_archive_than_the_checksum_is_refused(archive: Path, tmp_path: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[-1] ^= 1
    archive.write_bytes(data)
    with pytest.raises(ResultError, match=r"has the SHA-256 .*, wanted .*; fetch both files again"):
        unpack(archive, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_torn_archive_is_refused(archive: Path, tmp_path: Path, keep: int) -> None:
    archive.with_name(archive.name + ".sha256").unlink()
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(ResultError, match="is damaged"):
        unpack(archive, tmp_path / "elsewhere")
    assert tree(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize(
    "bad",
    [
        entry("../evil"),
        entry(f"{RUN}/../../evil"),
        entry("/evil"),
        entry(f"{RUN}\\..\\evil"),
        entry("C:evil"),
        entry(f"{RUN}/link", tarfile.SYMTYPE, "/etc/passwd"),
        entry(f"{RUN}/hard", tarfile.LNKTYPE, f"{RUN}/run.json"),
        entry(f"{RUN}/pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda bad: f"{bad.name} {bad.type.decode()}",
)
def test_a_stranger_cannot_write_outside(bad: tarfile.TarInfo, tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "bad.tar.gz", entry(f"{RUN}/run.json"), bad)
    with pytest.raises(ResultError, match="wanted plain files inside one folder only"):
        unpack(archive, tmp_path / "elsewhere")
    assert tree(tmp_path).keys() == {"bad.tar.gz"}


@pytest.mark.parametrize(
    "entries",
    [(), (entry("a/run.json"), entry("b/run.json")), (entry("run.json"),), (entry("a/x"),)],
    ids=["empty", "two runs", "no folder", "no run.json"],
)
def test_only_one_run_an_archive(entries: tuple[tarfile.TarInfo, ...], tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "odd.tar.gz", *entries)
    with pytest.raises(ResultError, match=r"wanted one folder with a run\.json"):
        unpack(archive, tmp_path / "elsewhere")
    assert tree(tmp_path / "elsewhere") == {}


def test_a_bomb_is_refused_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_module, "FREE_BYTES", 1_000_000)
    zeros = entry(f"{RUN}/0967-espresso/zeros.webp")
    zeros.size = 50_000_000
    archive = tmp_path / "bomb.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(entry(f"{RUN}/run.json"), io.BytesIO(b"xx"))
        tar.addfile(zeros, io.BytesIO(bytes(zeros.size)))
    assert archive.stat().st_size < 100_000
    with pytest.raises(ResultError, match="unpacks to more than results weigh"):
        unpack(archive, tmp_path / "elsewhere")
    assert tree(tmp_path / "elsewhere") == {}
    monkeypatch.setattr(pack_module, "MOST_FILES", 3)
    many = [entry(f"{RUN}/{i:04d}-a/x") for i in range(5)]
    crowd = tar_of(tmp_path / "crowd.tar.gz", entry(f"{RUN}/run.json"), *many)
    with pytest.raises(ResultError, match="unpacks to more than results weigh"):
        unpack(crowd, tmp_path / "elsewhere")


def test_folders_packed_by_hand_are_welcome(tmp_path: Path) -> None:
    archive = tar_of(
        tmp_path / "hand.tar.gz",
        entry("./", tarfile.DIRTYPE),
        entry(f"./{RUN}", tarfile.DIRTYPE),
        entry(f"./{RUN}/run.json"),
    )
    assert tree(unpack(archive, tmp_path / "elsewhere")) == {"run.json": b"xx"}


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"no run\.json, wanted the results of a finished run"):
        pack(tmp_path, tmp_path / "a.tar.gz", SLUGS)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ResultError, match="no class result, wanted at least one"):
        pack(tmp_path, tmp_path / "a.tar.gz", SLUGS)
    with pytest.raises(ResultError, match="no such file, wanted a results archive"):
        unpack(tmp_path / "a.tar.gz", tmp_path)


def test_what_cannot_be_written_is_named(run_dir: Path, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        pack(run_dir, archive / "inside-a-file.tar.gz", SLUGS)
    with pytest.raises(OutputError, match="cannot be written"):
        unpack(archive, archive / "inside-a-file")
    assert unpack(archive, tmp_path / "elsewhere").is_dir()
