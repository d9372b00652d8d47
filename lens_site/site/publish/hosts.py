"""A built site copied to a folder that a host takes, with what that host wants beside it."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from lens_site import atomic
from lens_site.errors import ConfigError, UsageError
from lens_site.results.schema import Identity, RunResult
from lens_site.site.publish import licenses
from lens_site.site.publish.manifest import differences

SPACE = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
"""Owner and name of a Space."""

HEADER = """---
title: {title}
emoji: 🔍
colorFrom: yellow
colorTo: gray
sdk: static
app_file: index.html
pinned: false
{license}---

Why {classifier} says what it says, class by class: its concepts, how much each one counts, and
which pictures it recognizes for the same reason. Made by Lens.
{licenses}"""
"""README.md of a static Space: https://huggingface.co/docs/hub/spaces-config-reference."""


def publish(site: Path, folder: Path, beside: Mapping[str, str]) -> int:
    """Copy a whole site to ``folder``, add texts by their names; return the number of files.

    Raises
    ------
    UsageError
        If there is no site, one that is damaged, or it lies where the copy would.
    OutputError
        If the folder cannot be written, or holds what this program did not make.
    """
    atomic.recover(site)
    faults = [f"{name} is {fault}" for name, fault in differences(site)]
    if faults:
        raise UsageError(f"{site}: {faults[0]}; run lens render first")
    if folder.resolve().is_relative_to(site.resolve()):
        raise UsageError(f"{folder}: lies in the site itself; give another folder")

    def fill(copy: Path) -> None:
        shutil.copytree(site, copy, dirs_exist_ok=True)
        for name, content in beside.items():
            (copy / name).write_text(content, encoding="utf-8", newline="\n")

    atomic.write_tree(folder, fill)
    return sum(path.is_file() for path in folder.rglob("*"))


def space(name: str, run: RunResult, identity: Identity) -> dict[str, str]:
    """Return what a static Space of Hugging Face wants beside the site.

    Its one license is that of the site, or, where that has none, of the pictures.

    Raises
    ------
    ConfigError
        If ``name`` is not an owner and a name.
    """
    if not SPACE.fullmatch(name):
        raise ConfigError(f"space: {name!r} is no OWNER/NAME; give one like me/why-espresso")
    classifier, pictures = run.classifier.name, run.data.license
    said = {"Texts and figures": identity.license, "Pictures": pictures}
    readme = HEADER.format(
        title=json.dumps(identity.title or f"Why {classifier}?", ensure_ascii=False),
        license=licenses.card(identity.license or pictures),
        classifier=classifier,
        licenses="".join(f"\n{what}: {license}\n" for what, license in said.items() if license),
    )
    return {"README.md": readme}
