"""A local web server for a built site, from the standard library."""

import gzip
import io
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from lens_site.atomic import recover
from lens_site.errors import OutputError, UsageError

COMPRESSED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".xml"}
"""Files that travel compressed, as from the hosts that a site is made for."""


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, answers a missing address with ``404.html``, and is silent."""

    timeout = 30
    """Seconds after which a client that says nothing is let go."""

    def handle(self) -> None:
        """Answer one client; one that hangs up is no error."""
        with suppress(OSError):
            super().handle()

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Open the file of an address; one that no file can have is missing."""
        try:
            return self._compressed() or super().send_head()
        except (OSError, ValueError):  # too long, a NUL
            self.send_error(404, "Not found")
            return None

    def _compressed(self) -> io.BytesIO | None:
        """Answer with a text in short form; None where it is none or the client wants it long."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if self.path.endswith("/") else path
        wanted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not wanted or path.suffix not in COMPRESSED or not path.is_file():
            return None
        body = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        lost = Path(self.directory) / "404.html"
        if code != 404 or not lost.is_file():
            super().send_error(code, message, explain)
            return
        body = lost.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: only the command line prints."""


def open_server(site_dir: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of ``site_dir`` on this machine alone; port 0 takes any free one.

    Raises
    ------
    OutputError
        If the port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site_dir)))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"port {port}: cannot be opened ({reason}); try another --port"
        ) from error


def open_site(site_dir: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a site.

    Raises
    ------
    UsageError
        If the folder holds no site.
    OutputError
        If the port is taken.
    """
    recover(site_dir)
    if not (site_dir / "index.html").is_file():
        raise UsageError(f"{site_dir}: holds no site; run lens-build or lens render first")
    return open_server(site_dir, port)
