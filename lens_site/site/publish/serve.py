"""A local web server for a built site, from the standard library."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lens_site.errors import OutputError


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, answers a missing address with ``404.html``, and is silent."""

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
    except OSError as error:
        raise OutputError(
            f"port {port}: cannot be opened ({error.strerror}); try another --port"
        ) from error


def serve(site_dir: Path, port: int) -> None:
    """Serve until interrupted."""
    with open_server(site_dir, port) as server:
        server.serve_forever()
