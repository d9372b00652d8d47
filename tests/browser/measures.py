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


def serious(page: Page) -> list[str]:
    """Names of the serious violations that axe finds on a page as it stands."""
    axe = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [v["id"] for v in found if v["impact"] in ("serious", "critical")]
