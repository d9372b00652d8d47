"""The names of a classifier's classes, and how a word finds its class."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from timm.data.imagenet_info import ImageNetInfo

from lens_site.errors import ClassError, nearest, suggest
from lens_site.results.schema import ClassName


class Labels:
    """All classes of one classifier, in the order of its logits."""

    def __init__(self, names: Sequence[ClassName]) -> None:
        self.names = tuple(names)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> ClassName:
        return self.names[index]

    def match(self, folder: str) -> int | None:
        """Class index of a class folder: WordNet id, index or name; None when it is no class.

        A name may stand with all its synonyms, as ImageNet lists it. A synonym alone does not
        count: a folder "t-shirt" of a shop is not the class jersey.
        """
        if folder.isdecimal():
            return self._index(folder)
        for table in (self._exact, self._folded):
            classes = table.get(folder if table is self._exact else _fold(folder), ())
            if len(classes) == 1:
                return classes[0]
        return None

    def select(self, wanted: str) -> tuple[int, ...]:
        """Class indices named by ``all|967|espresso|n07920052|0-99|@file``, comma-separated.

        Raises
        ------
        ClassError
            For a word that names no class, or more than one.
        """
        if wanted.strip().casefold() == "all":
            return tuple(range(len(self)))
        chosen: set[int] = set()
        for word in filter(None, (w.strip() for w in wanted.split(","))):
            chosen |= self._from_file(word[1:]) if word.startswith("@") else self._select_one(word)
        if not chosen:
            raise ClassError("classes: nothing named; give all, an index, a name or a range 0-99")
        return tuple(sorted(chosen))

    def _from_file(self, path: str) -> set[int]:
        try:
            if not Path(path).is_file():
                raise FileNotFoundError("no regular file")
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise ClassError(
                f"classes: @{path} cannot be read ({error}); give a text file"
            ) from None
        words = [line.split("#")[0].strip() for line in lines]
        return {index for word in words if word for index in self._select_one(word)}

    def _select_one(self, word: str) -> set[int]:
        if span := re.fullmatch(r"(\d+)-(\d+)", word):
            first, last = self._index(span[1]), self._index(span[2])
            if first is not None and last is not None and first <= last:
                return set(range(first, last + 1))
            raise ClassError(
                f"classes: range {word[:20]}; the model has classes 0 to {len(self) - 1}"
            )
        if word.isdecimal():
            index = self._index(word)
            if index is not None:
                return {index}
            raise ClassError(f"classes: no class {word[:20]}; the model has 0 to {len(self) - 1}")
        for classes in (
            self._exact.get(word),
            self._folded.get(_fold(word)),
            self._synonyms.get(_fold(word)),
        ):
            if classes:
                return {self._only(word, classes)}
        raise ClassError(f"classes: no class {word!r}{self._suggestion(word)}")

    def _index(self, digits: str) -> int | None:
        """Return the class of this number; None when there is none, however long it is."""
        if len(digits.lstrip("0")) > len(str(len(self))):
            return None
        return int(digits) if int(digits) < len(self) else None

    def _only(self, word: str, classes: Sequence[int]) -> int:
        if len(classes) > 1:
            which = ", ".join(f"{i} ({self[i].definition or self[i].name})" for i in classes)
            raise ClassError(
                f"classes: {word!r} names {len(classes)} classes; give the index: {which}"
            )
        return classes[0]

    def _suggestion(self, word: str) -> str:
        known = {**self._synonyms, **self._folded}
        near = [self[known[match][0]] for match in nearest(_fold(word), known, cutoff=0.75)]
        return suggest(f"{name.name!r} ({name.index})" for name in near) or (
            "; give an index, a name or a WordNet id (the site's home page lists them)"
        )

    @cached_property
    def _exact(self) -> dict[str, list[int]]:
        return _table(
            (w, n.index) for n in self.names for w in {n.name, _line(n), n.wordnet, n.slug} if w
        )

    @cached_property
    def _folded(self) -> dict[str, list[int]]:
        return _table((_fold(w), n.index) for n in self.names for w in {n.name, _line(n)})

    @cached_property
    def _synonyms(self) -> dict[str, list[int]]:
        return _table((_fold(w), n.index) for n in self.names for w in dict.fromkeys(n.synonyms))


def _line(name: ClassName) -> str:
    """``tench, Tinca tinca``: a name with its synonyms, as ImageNet lists it."""
    return ", ".join((name.name, *name.synonyms))


def _table(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = defaultdict(list)
    for word, index in pairs:
        table[word].append(index)
    return dict(table)


def _fold(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def slug(index: int, name: str) -> str:
    """``0967-espresso``: unique by its index, readable by its lower-case ASCII name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    return f"{index:04d}-{words[:60].strip('-') or 'class'}"


def imagenet_labels() -> Labels:
    """ImageNet-1k: synset, all synonyms and definition, from timm's WordNet tables."""
    info = ImageNetInfo("imagenet-1k")
    names = []
    for index in range(len(info.label_names())):
        lemmas = info.index_to_description(index)
        name, *synonyms = lemmas.split(", ")
        definition = info.index_to_description(index, detailed=True).removeprefix(lemmas + ": ")
        names.append(
            ClassName(
                index=index,
                slug=slug(index, name),
                name=name,
                synonyms=tuple(synonyms),
                definition=definition,
                wordnet=info.index_to_label_name(index),
            )
        )
    return Labels(names)


def usual_labels(classes: int) -> Labels:
    """Labels of a model that brings no names: ImageNet's for 1000 classes, else numbers."""
    return (
        imagenet_labels()
        if classes == 1000
        else plain_labels([f"class {i}" for i in range(classes)])
    )


def plain_labels(names: Sequence[str]) -> Labels:
    """Labels of a model that brings only names."""
    return Labels([ClassName(index=i, slug=slug(i, n), name=n) for i, n in enumerate(names)])
