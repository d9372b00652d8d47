import pytest

from lens_site.classifier.labels import Labels, imagenet_labels, plain_labels, slug
from lens_site.errors import ClassError


@pytest.fixture(scope="module")
def imagenet() -> Labels:
    return imagenet_labels()


def test_slugs_are_unique_and_readable(imagenet: Labels) -> None:
    slugs = [name.slug for name in imagenet.names]
    assert len(set(slugs)) == 1000
    assert slugs[967] == "0967-espresso"
    assert {slugs[134], slugs[517]} == {"0134-crane", "0517-crane"}
    assert slug(607, "jack-o'-lantern") == "0607-jack-o-lantern"
    assert slug(5, "コーヒー") == "0005-class"


def test_names_synonyms_definitions(imagenet: Labels) -> None:
    corgi = imagenet[264]
    assert (corgi.name, corgi.synonyms) == ("Cardigan", ("Cardigan Welsh corgi",))
    assert corgi.wordnet == "n02113186"
    assert corgi.definition.startswith("slightly bowlegged variety of corgi")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("967", (967,)),
        ("espresso", (967,)),
        ("n07920052", (967,)),
        ("0967-espresso", (967,)),
        ("egyptian cat, 610", (285, 610)),
        ("tee shirt", (610,)),
        ("3-5,4", (3, 4, 5)),
        ("cardigan", (474,)),
        ("Cardigan", (264,)),
    ],
)
def test_select(imagenet: Labels, wanted: str, expected: tuple[int, ...]) -> None:
    assert imagenet.select(wanted) == expected


def test_select_all_and_from_a_file(imagenet: Labels, tmp_path: pytest.TempPathFactory) -> None:
    listing = tmp_path / "classes.txt"  # type: ignore[operator]
    listing.write_text("espresso\n# a remark\n\n0-1  # two fish\n")
    assert imagenet.select(f"@{listing}") == (0, 1, 967)
    assert len(imagenet.select("all")) == 1000


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("expreso", "no class 'expreso'; did you mean 'espresso' (967)"),
        ("crane", "'crane' names 2 classes; give the index: 134"),
        ("1000", "no class 1000; the model has 0 to 999"),
        ("7-3", "range 7-3"),
        ("990-1005", "range 990-1005"),
        ("@absent.txt", "@absent.txt cannot be read"),
        (" , ", "nothing named"),
    ],
)
def test_select_says_what_is_wrong(imagenet: Labels, wanted: str, message: str) -> None:
    with pytest.raises(ClassError) as error:
        imagenet.select(wanted)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("n07920052", 967),
        ("967", 967),
        ("0967", 967),
        ("espresso", 967),
        ("Egyptian_cat", 285),
        ("egyptian-cat", 285),
        ("crane", None),
        ("tench, Tinca tinca", 0),  # with its synonyms, as ImageNet lists it
        ("maillot, tank suit", 639),
        ("t-shirt", None),  # a synonym of jersey, but the name of a shop's folder
        ("4711", None),
        ("shoes", None),
    ],
)
def test_match_of_class_folders(imagenet: Labels, folder: str, label: int | None) -> None:
    assert imagenet.match(folder) == label


def test_plain_labels_with_equal_names() -> None:
    labels = plain_labels(["cat", "cat"])
    assert [n.slug for n in labels.names] == ["0000-cat", "0001-cat"]
    with pytest.raises(ClassError, match="names 2 classes"):
        labels.select("cat")
