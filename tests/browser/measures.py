"""What several tests measure of a page: whether it shifts, and what axe finds."""

import importlib.resources

from playwright.sync_api import Page

SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""
"""Collects the layout shifts of a page that no input called for; an init script."""


def violations(page: Page) -> list[tuple[str, str]]:
    """Rules that axe finds broken on a page as it stands, of any weight, each with one place."""
    axe = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe.read_text())
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [(v["id"], v["nodes"][0]["html"][:120]) for v in found]
