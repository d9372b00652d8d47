"""Templates of the user's in place of ours, and how their mistakes are told."""

from pathlib import Path

import pytest
from tiny_results import make_class, write_run

from lens_site.errors import ConfigError
from lens_site.site.publish import stamp
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

HOME = """{% extends "lens:pages/home.html" %}
{% block main %}
<p>Before: {{ run.classifier.name }}</p>
{% include "mine.html" %}
{{ super() }}
{% endblock %}
"""


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", make_class())


def test_one_template_is_replaced_and_extends_ours(tmp_path: Path, run: Path) -> None:
    own = write(tmp_path / "own", pages__home=HOME, mine="<p>&amp; mine</p>")
    render(run, tmp_path / "site", own=own)
    home = (tmp_path / "site/index.html").read_text()
    assert home.index("<p>Before: TinyNet</p>") < home.index("<p>&amp; mine</p>")
    assert home.index("<p>&amp; mine</p>") < home.index('<section class="hero')
    assert check(tmp_path / "site") == ()
    before = stamp.of(run, {}, (), own)
    assert before != stamp.of(run, {})
    write(own, mine="<p>other</p>")
    assert before != stamp.of(run, {}, (), own)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pages__home", "a\n{% if %}\n", r"home\.html:2: Expected an expression"),
        ("pages__home", "a\n{{ nobody }}\n", r"home\.html:2: 'nobody' is undefined"),
        ("pages__home", "\n\n{{ page.nobody }}", r"home\.html:3: 'Home' has no attribute 'nobody'"),
        ("pages__home", "{{ 1 / 0 }}", r"home\.html:1: division by zero"),
        ("sections__trust", "\n{{ nobody }}", r"trust\.html:2: 'nobody' is undefined"),
        ("pages__hom", "a", r"pages/hom\.html stands for none of ours.*mean 'pages/home\.html'"),
        ("pages__home", '{% extends "bose.html" %}', r"no 'bose\.html'.*did you mean 'base\.html'"),
        ("pages__home", '{% extends "lens:bse.html" %}', r"no 'lens:bse\.html' is there"),
    ],
)  # fmt: skip
def test_a_broken_template_is_told_in_a_line(
    name: str, text: str, told: str, tmp_path: Path, run: Path
) -> None:
    own = write(tmp_path / "own", **{name: text})
    with pytest.raises(ConfigError, match=told) as error:
        render(run, tmp_path / "site", own=own)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "site").exists()


def test_a_folder_that_is_not_there(tmp_path: Path, run: Path) -> None:
    with pytest.raises(ConfigError, match=r"templates: .*absent is no folder; give one"):
        render(run, tmp_path / "site", own=tmp_path / "absent")
