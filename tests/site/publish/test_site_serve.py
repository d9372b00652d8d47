"""The local server."""

import gzip
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lens_site.errors import OutputError
from lens_site.site.publish.serve import open_server


def test_it_serves_files_and_the_404_page_and_refuses_a_taken_port(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("home")
    (tmp_path / "a.js").write_text("let a")
    (tmp_path / "404.html").write_text("lost")
    with open_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"home"
        for path, kind, body in (("", "text/html", b"home"), ("a.js", "text/javascript", b"let a")):
            asked = urllib.request.Request(address + path, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(asked) as answer:
                assert answer.headers["Content-Encoding"] == "gzip"
                assert answer.headers["Content-Type"] == kind
                assert gzip.decompress(answer.read()) == body
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(address + "a/b/c")
        with error.value as answer:
            assert (answer.code, answer.read()) == (404, b"lost")
        with pytest.raises(OutputError, match=f"port {server.server_port}: cannot be opened"):
            open_server(tmp_path, server.server_port)
        server.shutdown()
