"""The classifier for the visitor's browser: a list of layers and its weights, in one file."""

from lens_site.browser.arrays import compact, pack
from lens_site.browser.network import NotInBrowser, export, is_current

__all__ = ["NotInBrowser", "compact", "export", "is_current", "pack"]
