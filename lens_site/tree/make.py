"""Write the table of hypernyms: ``python -m lens_site.tree.make DICT SYNSETS``.

DICT is the folder of WordNet 3.0's files, as Debian's package wordnet-base installs them; SYNSETS
names a WordNet id a line, as timm's ``imagenet_synsets.txt`` does. ``make tables`` calls this.
Formats: wndb(5WN), cntlist(5WN), senseidx(5WN).
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from lens_site.tree import LICENSE, TABLE, Synset

HEAD = (
    "# Hypernyms of ImageNet's classes, from WordNet 3.0 (Copyright 2006 by Princeton University;\n"
    f"# {LICENSE}). WordNet id, ids of its parents, uses in tagged texts, words.\n"
)


def make(dictionary: Path, classes: Path, into: Path) -> None:
    """Write the table and the license that heads WordNet's files."""
    lines = (dictionary / "data.noun").read_text(encoding="latin-1").splitlines()
    preamble = [line for line in lines if line.startswith("  ")]
    counts = _counts(dictionary / "cntlist.rev")
    synsets = (_synset(line, counts) for line in lines[len(preamble) :])
    known = {synset.wordnet: synset for synset in synsets}
    kept: set[str] = set()
    todo = classes.read_text(encoding="utf-8").split()
    while todo:
        wordnet = todo.pop()
        todo += set(known[wordnet].parents) - kept
        kept.add(wordnet)
    rows = [
        f"{s.wordnet}\t{' '.join(s.parents)}\t{s.uses}\t{', '.join(s.words)}\n"
        for s in map(known.__getitem__, sorted(kept))
    ]
    (into / TABLE).write_text(HEAD + "".join(rows), encoding="utf-8", newline="\n")
    notice = "\n".join(line[4:].strip() for line in preamble)  # each line is numbered
    (into / LICENSE).write_text(notice + "\n", encoding="utf-8", newline="\n")


def _counts(path: Path) -> Mapping[str, int]:
    """Return how often each sense was tagged, by its key."""
    rows = (line.split() for line in path.read_text(encoding="latin-1").splitlines())
    return {key: int(count) for key, _, count in rows}


def _synset(line: str, counts: Mapping[str, int]) -> Synset:
    """Read one line: offset, file, type, words (in hex how many) and pointers, @ to a parent."""
    offset, file, _, size, *rest = line.partition(" | ")[0].split()
    words, numbers = rest[: 2 * int(size, 16) : 2], rest[1 : 2 * int(size, 16) : 2]
    pointers = rest[2 * int(size, 16) + 1 :]
    kinds, targets = pointers[::4], pointers[1::4]
    keys = (
        f"{word.lower()}%1:{file}:{int(number, 16):02d}::"
        for word, number in zip(words, numbers, strict=True)
    )
    return Synset(
        f"n{offset}",
        tuple(f"n{t}" for kind, t in zip(kinds, targets, strict=True) if kind == "@"),
        sum(counts.get(key, 0) for key in keys),
        tuple(word.replace("_", " ") for word in words),
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]), Path(__file__).parent)
