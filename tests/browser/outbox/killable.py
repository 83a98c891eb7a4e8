"""A browser of our own, ended by SIGKILL."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser.conftest import launch_options

from .conftest import until


class Killable:
    """Chromium with a profile that outlives it."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self.playwright, self.profile = playwright, profile
        self.start()

    def start(self) -> None:
        options = launch_options()
        program = options["executable_path"] or self.playwright.chromium.executable_path
        port = self.profile / "DevToolsActivePort"
        port.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                program,
                *options["args"],
                "--headless=new",
                "--disable-gpu",
                f"--user-data-dir={self.profile}",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: port.exists() and port.read_text().count("\n") >= 1, "Chromium is up", 20)
        self.browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port.read_text().split()[0]}")
        self.context = self.browser.contexts[0]
        self.context.set_default_timeout(10_000)

    def shoot(self) -> None:
        """At any moment, from any thread; `kill` clears away what is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> None:
        self.shoot()
        self.process.wait()
        until(lambda: not self.browser.is_connected() or self._settle(), "disconnected")
        for leftover in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / leftover).unlink(missing_ok=True)

    def _settle(self) -> bool:
        time.sleep(0.1)
        return self.process.poll() is not None
