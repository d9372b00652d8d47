"""What visitors read, gathered from the sources: what ``make messages`` does, by other means."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

Text = tuple[str, str, str]
"""Context, one, many; empty where a text has none."""

ROOT = Path(__file__).parents[1]

SHAPES = {
    "say": ("one",), "later": ("one",), "many": ("one", "other"), "later_many": ("one", "other"),
    "say_as": ("context", "one"), "many_as": ("context", "one", "other"),
    "pgettext": ("context", "one"),
}  # fmt: skip

SCRIPT = re.compile(
    r'\blens(?P<kind>Say|Many)\(\s*(?P<one>"(?:[^"\\]|\\.)*")(?:,\s*(?P<other>"(?:[^"\\]|\\.)*"))?'
)


def sources() -> Iterator[tuple[Path, set[Text]]]:
    """Yield every file with what it says."""
    modules = [*(ROOT / "lens_site/site").rglob("*.py"), ROOT / "lens_site/results/measures.py"]
    for path in sorted(modules):
        yield path, set(of_module(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path, set(of_template(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "static").rglob("*.js")):
        yield path, set(of_script(path.read_text(encoding="utf-8")))


def of_module(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            texts = [word for word in words if isinstance(word, str)]
            if name in SHAPES and len(texts) >= len(SHAPES[name]):
                found = dict(zip(SHAPES[name], texts, strict=False))
                yield found.get("context", ""), found["one"], found.get("other", "")


def of_template(source: str) -> Iterator[Text]:
    made = Environment(extensions=["jinja2.ext.i18n"])
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    for _, function, said in made.extract_translations(source):  # type: ignore[attr-defined]
        one, *other = said if isinstance(said, tuple) else (said,)
        assert function in ("_", "gettext", "ngettext")
        yield "", one, next(filter(None, other), "")


def of_script(source: str) -> Iterator[Text]:
    for found in SCRIPT.finditer(re.sub(r"^\s*//.*", "", source, flags=re.MULTILINE)):
        other = json.loads(found["other"]) if found["kind"] == "Many" else ""
        yield "", json.loads(found["one"]), other


def texts() -> set[Text]:
    """All of them."""
    return set().union(*(said for _, said in sources()))


def write_pseudo(folder: Path) -> Path:
    """Write a language ``qps`` in which every text stands in ⟦brackets⟧; return its folder."""
    entries = ['msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n']
    for context, one, other in sorted(texts()):
        lines = [f"msgctxt {_quoted(context)}"] if context else []
        lines.append(f"msgid {_quoted(one)}")
        told = one if context == "number" else f"⟦{one}⟧"
        if other:
            lines += [f"msgid_plural {_quoted(other)}", f"msgstr[0] {_quoted(told)}"]
            lines.append(f"msgstr[1] {_quoted(f'⟦{other}⟧')}")
        else:
            lines.append(f"msgstr {_quoted(told)}")
        entries.append("\n".join(lines) + "\n")
    file = folder / "locale/qps/LC_MESSAGES/lens.po"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(entries), encoding="utf-8")
    return folder


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def unspoken(text: str) -> str:
    """Return what of a text stands outside all brackets."""
    left, depth = [], 0
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        left.append(letter if depth == 0 and letter != "⟧" else " ")
    return "".join(left)
