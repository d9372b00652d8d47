"""Firefox as it is installed, driven over its own remote protocol: no driver has to be there.

Marionette takes and gives JSON lists ``[0, number, command, parameters]`` and ``[1, number, error,
value]``, each after its length in bytes and a colon (firefox-source-docs.mozilla.org, Marionette,
Protocol).
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PREFERENCES = {
    "marionette.port": 0,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
"""A free port, and nothing that asks the network by itself."""

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""How WebDriver names the reference to an element."""

CALL = """
const [text, given, done] = arguments;
window.eval(`(${text})`)(...JSON.parse(given)).then(
  (value) => done(JSON.stringify({ value })),
  (error) => done(JSON.stringify({ error: String(error) })),
);"""
"""Calls an async function in the page's own world; values travel as JSON."""

WAIT = """async (selector) => {
  while (!document.querySelector(selector)) await new Promise((done) => setTimeout(done, 50));
}"""


class Firefox:
    """One window, with a few of the names that Playwright's page has."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=180)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._read()  # who is there
        self._do("WebDriver:NewSession", {})
        self._do("WebDriver:SetTimeouts", {"script": 120_000})

    def goto(self, address: str) -> None:
        self._do("WebDriver:Navigate", {"url": address})

    def evaluate(self, function: str, given: Any = None) -> Any:
        """Call a function of the page, async or not; raises AssertionError with its error."""
        wrapped = f"async (...given) => ({function})(...given)"
        script = {"script": CALL, "args": [wrapped, json.dumps([given])], "sandbox": None}
        said = json.loads(self._do("WebDriver:ExecuteAsyncScript", script)["value"])
        assert "error" not in said, said["error"]
        return said.get("value")

    def set_input_files(self, selector: str, picture: Path) -> None:
        found = self._do("WebDriver:FindElement", {"using": "css selector", "value": selector})
        keys = {"id": found["value"][ELEMENT], "text": str(picture)}
        self._do("WebDriver:ElementSendKeys", keys)

    def wait_for_selector(self, selector: str) -> None:
        self.evaluate(WAIT, selector)

    def close(self) -> None:
        with suppress(OSError, AssertionError):  # it may be gone before it answers
            self._do("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._stream.close()
        self._socket.close()

    def _do(self, command: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(data), data))
        _, number, error, value = self._read()
        assert number == self._number
        assert error is None, error
        return value

    def _read(self) -> Any:
        size = b""
        while (byte := self._stream.read(1)) != b":":
            assert byte, "Firefox closed the connection"
            size += byte
        return json.loads(self._stream.read(int(size)))


@contextmanager
def firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox without a window, in a profile of its own; end it."""
    lines = (f"user_pref({json.dumps(n)}, {json.dumps(v)});\n" for n, v in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            opened = Firefox(_port(profile / "MarionetteActivePort", process))
            try:
                yield opened
            finally:
                opened.close()
        finally:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()


def _port(told: Path, process: subprocess.Popen[bytes], seconds: float = 60) -> int:
    """Wait for the file in which Firefox says where it listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, f"Firefox ended with {process.returncode}"
        if told.is_file() and (text := told.read_text().strip()):
            return int(text)
        time.sleep(0.1)
    raise AssertionError(f"Firefox did not listen within {seconds:.0f} s")
