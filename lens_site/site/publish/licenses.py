"""What Hugging Face calls a license that somebody wrote down in his own way."""

import json
import re

KNOWN = frozenset(
    """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
    bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause
    bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0
    cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
    agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by
    odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr unknown other
    """.split()
)
"""Source: https://huggingface.co/docs/hub/repositories-licenses, without those of single models."""

LINK = re.compile(r"\[([^]]+)\]\(([^)\s]+)\)")
"""A link of Markdown: its words, its address."""


def card(license: str) -> str:
    r"""Return the lines on a license, a line of Markdown, in the header of a Space's README.

    >>> card("[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)")
    'license: cc-by-4.0\n'
    """
    if not license:
        return ""
    link = LINK.search(license)
    words = LINK.sub(r"\1", license)
    if known := _known(words):
        return f"license: {known}\n"
    named = f"license: other\nlicense_name: {_quoted(_slug(words) or 'own')}\n"
    return named + (f"license_link: {_quoted(link[2])}\n" if link else "")


def _known(words: str) -> str | None:
    """``mit`` for The MIT License; CC0 has one version."""
    slug = _slug(re.sub(r"\b(the|licen[sc]e)\b", " ", words, flags=re.IGNORECASE))
    slug = "cc0-1.0" if slug == "cc0" else slug
    return slug if slug in KNOWN else None


def _slug(words: str) -> str:
    return "-".join(re.findall(r"[a-z0-9.+]+", words.lower()))


def _quoted(text: str) -> str:
    """Return a text as YAML reads it, whatever it holds."""
    return json.dumps(text)
