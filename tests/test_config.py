from pathlib import Path
from typing import get_args

import pytest

import lens_site
from lens_site.config import ROOMS, BuildConfig, Role, choices, load_config, role_of
from lens_site.errors import ConfigError


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "lens.toml"
    file.write_text(text)
    return file


def test_flags_win_over_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, 'concepts = 7\nmin-images = 3\ndata = "photos"\n')
    config = load_config({"concepts": 5, "min_images": None}, file)
    assert (config.concepts, config.min_images, config.data, config.seed) == (5, 3, "photos", 0)


def test_all_mistakes_at_once_each_with_the_way_out(tmp_path: Path) -> None:
    file = write(tmp_path, 'extracton = "nmf"\nconcepts = 0\nextraction = "nfm"\nseeds = 3\n')
    with pytest.raises(ConfigError) as error:
        load_config({}, file)
    message = str(error.value)
    assert "no option 'extracton'; did you mean 'extraction'" in message
    assert "no option 'seeds'; did you mean 'seed'?" in message
    assert "extraction: no 'nfm'; did you mean 'nmf'?" in message
    assert "concepts: 0, wanted a number from 1, or auto" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "message"), [("concepts = ", "not valid TOML"), (None, "cannot be read")]
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "absent.toml" if text is None else write(tmp_path, text)
    with pytest.raises(ConfigError, match=message):
        load_config({}, file)


def test_run_name_changes_with_what_shapes_results_and_nothing_else() -> None:
    classifier = {"weights": "abc"}

    def name(version: int = 1, weights: str = "abc", **options: object) -> str:
        return load_config(options).run_name("demo", {**classifier, "weights": weights}, version)

    assert name() == name(
        min_images=3, max_images=9, classes="967", out=Path("x"), base_url="https://example.org"
    )
    others = {name(version=2), name(weights="d"), name(seed=1), name(concepts=3), name()}
    assert len(others) == 5
    assert name().startswith("efficientnet-lite0-")


def test_every_field_says_what_it_decides() -> None:
    roles = {name: role_of(name) for name in BuildConfig.model_fields}
    assert [name for name, role in roles.items() if role is None] == []
    assert set(roles.values()) == set(get_args(Role))


@pytest.mark.parametrize("name", BuildConfig.model_fields)
def test_the_run_has_another_name_when_a_shaping_field_changes_and_only_then(name: str) -> None:
    other = {
        "data": "photos", "model": "resnet18", "weights": Path("w.pt"), "layer": "blocks.6",
        "classes": "967", "min_images": 3, "max_images": 9, "extraction": "pca", "concepts": 3,
        "patches": "crops", "recursive": True, "importance": "shap", "score": "margin",
            "strategies": "mine:Own",
        "visualization": "full", "seed": 1, "device": "cpu", "workers": 1, "batch_size": 3,
            "cache_size": 1, "runtime": "torch",
        "out": Path("x"), "base_url": "https://example.org", "extras": "a.b:C", "force": True,
            "browser_limit": 9, "no_browser": True, "images": "none", "max_size": 9,
            "data_license": "CC0",
            "shard": "3/16", "engine": "ray",
            "address": "auto",
            "templates": Path("t"),
            "site": {"title": "t"},
    }  # fmt: skip

    def hash_of(**options: object) -> str:
        told = {"visualization": "off", **options}  # the demo has another default
        return load_config(told).run_name("demo", {}, 1).rpartition("-")[2]

    assert (hash_of(**{name: other[name]}) != hash_of()) == (role_of(name) == "shape")


@pytest.mark.parametrize("option", ROOMS)
def test_methods_are_the_files_of_their_room(option: str) -> None:
    room = Path(lens_site.__file__).parent.joinpath(*ROOMS[option].split("."))
    files = {path.stem.replace("_", "-") for path in room.glob("[!_]*.py")}
    assert set(choices(option)) == files
    for word in files:
        assert getattr(load_config({option: word}), option) == word
    with pytest.raises(ConfigError, match=f"{option}: no 'xyz'; it is one of .*"):
        load_config({option: "xyz"})


def test_number_of_concepts_or_auto(tmp_path: Path) -> None:
    assert load_config({}, write(tmp_path, 'concepts = "auto"')).concepts == "auto"
    assert load_config({"concepts": "auto"}, write(tmp_path, "concepts = 3")).concepts == "auto"
    assert load_config({"concepts": "12"}).concepts == 12
    assert load_config({"concepts": "12"}).number_of_concepts() == 12
    assert load_config({"concepts": "auto"}).run_name("demo", {}, 1) != load_config({}).run_name(
        "demo", {}, 1
    )
    with pytest.raises(ConfigError, match="measuring needs a number; give -k 10"):
        load_config({"concepts": "auto"}).number_of_concepts()


@pytest.mark.parametrize("wrong", ["atuo", 0, "1.5", "", [3]])
def test_what_is_no_number_of_concepts(wrong: object) -> None:
    with pytest.raises(ConfigError) as error:
        load_config({"concepts": wrong})
    assert str(error.value) == f"concepts: {wrong!r}, wanted a number from 1, or auto"
