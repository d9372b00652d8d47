"""A configuration as the TOML file of a beginner: every option with its sentence, its default out.

All of it is read off the fields of :class:`BuildConfig` and :class:`Identity`.
"""

import json
import textwrap
from collections.abc import Container, Iterator
from typing import Any

from lens_site import named
from lens_site.config import BuildConfig, choices
from lens_site.results import identity
from lens_site.results.schema import Identity

OF_ONE_CALL = ("shard", "force")
"""What is said anew with every command, and so has no place in a file."""

HEAD = """\
# lens-build --config FILE makes the site that this file describes. A key behind a # is at its
# default: take the # away to change it. "" stands for nothing. Flags win over this file.
"""


def commented(config: BuildConfig, given: Container[str]) -> str:
    """Return the text of a file that loads to ``config``, with or without its # before keys.

    ``given`` are the options that stand there without a #; of ``[site]``, all that was set.
    """
    names = [name for name in BuildConfig.model_fields if name not in (*OF_ONE_CALL, "site")]
    entries = [
        *(_entry(name, _sentence(name), getattr(config, name), name in given) for name in names),
        f"# {BuildConfig.model_fields['site'].description}\n[site]\n",
        *_site(config.site),
    ]
    return "\n".join((HEAD, *entries))


def of_site(key: str) -> str:
    """Return the sentence of a key of ``[site]``."""
    words = Identity.model_fields[key].description or ""
    return f"{words[0].upper()}{words[1:]}."


def _site(site: Identity) -> Iterator[str]:
    for key in identity.KEYS:
        wanted = f" ({identity.WANTED[key]})" if key in identity.WANTED else ""
        known = _one_of(named.names("site.sections")) if key == "sections" else ""
        sentence = f"{of_site(key).removesuffix('.')}{wanted}.{known}"
        yield _entry(key, sentence, getattr(site, key), key in site.model_fields_set)


def _sentence(name: str) -> str:
    return (BuildConfig.model_fields[name].description or "") + _one_of(choices(name))


def _one_of(words: tuple[str, ...]) -> str:
    return f" Known: {', '.join(words)}." if words else ""


def _entry(name: str, sentence: str, value: object, given: bool) -> str:
    help_text = textwrap.fill(
        sentence, 96, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
    return f"{help_text}\n{'' if given else '#'}{name.replace('_', '-')} = {_toml(value)}\n"


def _toml(value: Any) -> str:
    """Return a value as TOML: a text of JSON is one of TOML, but for the delete character."""
    if value is None:
        return '""'
    if isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
