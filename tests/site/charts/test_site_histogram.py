"""The columns of how many images hold how much of a concept."""

from lens_site.results.schema import Histogram
from lens_site.site.charts.histogram import histogram


def test_columns_rise_with_the_images_and_its_own_are_drawn_over_them() -> None:
    shown = histogram(Histogram(low=0.0, high=2.0, counts=(4, 10, 0, 5), leads=(0, 5, 0, 5)))
    assert shown.all == "M0 100V60H25V0H50V100H75V50H100V100z"
    assert shown.leads == "M0 100V100H25V50H50V100H75V50H100V100z"
    assert [t.label for t in shown.across] == ["0", "2"]
    assert shown.most == "10"
    assert shown.told == "19 images by their mean code, from 0 to 2: 4 images below 0.5"


def test_a_concept_that_never_leads_has_no_columns_of_its_own() -> None:
    assert histogram(Histogram(low=-1.0, high=1.0, counts=(1, 1), leads=(0, 0))).leads == ""
