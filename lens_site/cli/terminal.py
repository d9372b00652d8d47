"""Text for the terminal: whatever a name holds, what is printed is printable.

Names of classes, files and folders come from strangers; an escape sequence in one would be obeyed
by the terminal, and square brackets would be read as markup. All of them pass through here.
"""

from rich.console import Console
from rich.text import Text


def printable(text: object) -> str:
    r"""Write control characters, and what is not UTF-8, as ``\x1b``.

    >>> printable("cat\x1b[31m")
    'cat\\x1b[31m'
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in str(text).encode("utf-8", "backslashreplace").decode()
    )


def plain(text: object, style: str = "") -> Text:
    """Return text for rich: printable, without markup."""
    return Text(printable(text), style=style)


def say(console: Console, text: object, style: str = "") -> None:
    """Print a line of text that may hold names, however long it is."""
    console.print(plain(text, style), soft_wrap=True)
