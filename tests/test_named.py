"""Words that name files of a room, or things of the user's."""

import sys
from pathlib import Path

import pytest

from lens_site import named
from lens_site.errors import ClassifierError, ConfigError

ROOM = "extraction.methods"


class Kind:
    """What methods of this test must be."""


class Outside(Kind):
    """A method from outside the package."""


def test_words_are_files_and_nothing_is_imported() -> None:
    before = set(sys.modules)
    assert "semi-nmf" in named.names(ROOM)
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nfm", "extraction: no 'nfm'; did you mean 'nmf'?"),
        ("extractor", "extraction: no 'extractor'; it is one of archetypal-sae, "),
        ("../extractor", "extraction: no '../extractor'"),
        ("a b:C", "extraction: no 'a b:C'"),
        ("module:", "extraction: no 'module:'"),
    ],
)
def test_a_word_that_names_nothing(word: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        named.check(word, ROOM, "extraction")
    assert str(error.value).startswith(message)


def test_a_class_from_outside() -> None:
    assert named.method("test_named:Outside", ROOM, Kind, "extraction") is Outside


@pytest.mark.parametrize("word", ["test_named:ROOM", "pathlib:Path", "nmf"])
def test_what_is_no_class_of_the_kind(word: str) -> None:
    with pytest.raises(ConfigError, match=r"wanted a subclass of test_named\.Kind"):
        named.method(word, ROOM, Kind, "extraction")


def test_modules_are_found_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_of_this_test.py").write_text("answer = 42")
    assert named.outside("mine_of_this_test:answer", "data") == 42


@pytest.mark.parametrize(
    ("text", "reason"), [("answer = 1", "no attribute"), ("1 / 0", "division"), (None, "No module")]
)
def test_what_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, reason: str
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    name = f"broken_{reason.replace(' ', '_').lower()}"
    if text is not None:
        (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(ClassifierError, match=f"model: .* cannot be loaded .*{reason}") as error:
        named.outside(f"{name}:factory", "model", error=ClassifierError)
    assert "\n" not in str(error.value)
