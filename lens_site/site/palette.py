"""The ten concept colors, in one place: the style sheet, the drawings and the tests read them here.

Okabe and Ito's hues (Color Universal Design, 2008) extended to ten and tuned for each theme, so
that every color reaches 3:1 against the ground and the first six stay apart in simulated
deuteranopia and protanopia. Colors go by importance rank; what matters little is gray.
"""

from collections.abc import Mapping

GROUND = {"light": "#fbfaf7", "dark": "#15171a"}

CONCEPTS = {
    "light": (
        "#1668b8", "#cc7a14", "#2f8f66", "#8e2a72", "#4a94cc",
        "#6a5112", "#4a3fc0", "#8f3d2e", "#79873c", "#bd6f95",
    ),
    "dark": (
        "#5b9bf0", "#f0a33a", "#2fae80", "#c45fae", "#b9d6f2",
        "#e0e052", "#7f74f0", "#d96a4a", "#9fc76a", "#e5a3b3",
    ),
}  # fmt: skip

GRAY = {"light": "#85827c", "dark": "#8b8983"}

READABLE = 4.5
"""Contrast that text needs.  Source: WCAG 2.2, 1.4.3."""


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb``, in [0, 1].  Source: WCAG 2.2, definitions."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, in [1, 21].  Source: WCAG 2.2, definitions."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(color: str) -> str:
    """Return the text color, near-black or white, that reads better on ``color``."""
    return max("#111111", "#ffffff", key=lambda ink: contrast(ink, color))


def tone(rank: int, important: bool = True) -> str:
    """Return the name of the color of the ``rank``-th concept (from 1): ``c1`` … ``c10``, ``c0``.

    ``c0`` is the gray of concepts that matter little and of ranks beyond ten.
    """
    return f"c{rank}" if important and rank <= len(CONCEPTS["light"]) else "c0"


def readable(color: str, theme: str) -> str:
    """Return ``color``, or the nearest to it toward black or white that reads on the ground."""
    end = {"light": 0, "dark": 255}[theme]
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(101):
        mixed = (round(c + (end - c) * step / 100) for c in channels)
        found = "#" + "".join(f"{c:02x}" for c in mixed)
        if contrast(found, GROUND[theme]) >= READABLE:
            break
    return found


def color(name: str, theme: str) -> str:
    """Return the color that a :func:`tone` names, in a theme."""
    rank = int(name.removeprefix("c"))
    return CONCEPTS[theme][rank - 1] if rank else GRAY[theme]


def accent_sheet(color: str) -> str:
    """Return ``--accent`` and ``--accent-ink`` of both themes, after ``color``."""
    return _themed(
        {
            theme: f"--accent:{(one := readable(color, theme))};--accent-ink:{ink_on(one)};"
            for theme in GROUND
        }
    )


def style_sheet() -> str:
    """Return the custom properties ``--c0`` … ``--c10`` and ``--c0-ink`` … of both themes."""
    bodies = {}
    for theme in GROUND:
        colors = (GRAY[theme], *CONCEPTS[theme])
        body = "".join(f"--c{i}:{c};--c{i}-ink:{ink_on(c)};" for i, c in enumerate(colors))
        bodies[theme] = f"--ground:{GROUND[theme]};{body}"
    tones = "".join(
        f".c{i}{{--tone:var(--c{i});--tone-ink:var(--c{i}-ink)}}\n"
        for i in range(1 + len(CONCEPTS["light"]))
    )
    return _themed(bodies) + tones


def _themed(bodies: Mapping[str, str]) -> str:
    """Return rules for both themes.

    Dark holds where the system asks for it and the visitor did not choose light, or chose dark.
    """
    light, chosen, system = (
        f"{selector}{{{bodies[theme]}}}\n"
        for selector, theme in (
            (":root", "light"),
            (':root[data-theme="dark"]', "dark"),
            (':root:not([data-theme="light"])', "dark"),
        )
    )
    return f"{light}{chosen}@media screen and (prefers-color-scheme:dark){{{system}}}\n"
