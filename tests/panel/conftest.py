"""The panel in a real browser, once on gradio 3 and once on gradio 4: servers, browser, pages."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, expect, sync_playwright

from panel.page import ROOT, Panel, skip_or_fail
from panel.slots import noise
from panel.studio import Studio, with_map
from pixels_ext.request import json_schema

ORIGIN = "http://127.0.0.1"
ONLY_HERE = "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
FORGET = """if (location.origin !== 'null' && !sessionStorage.known && !localStorage.stays) {
    indexedDB.deleteDatabase('pixels');
    sessionStorage.known = 'yes';
}"""
"""Run first on every page: all tests share the storage of one browser, and each shall begin with an empty one, but for
those with several tabs."""


def is_ours(message: ConsoleMessage) -> bool:
    """Whether it is an error of ours, and not of a font or script that gradio takes from elsewhere."""
    return message.type == "error" and not message.location["url"].startswith("https:")


@pytest.fixture(scope="session")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One browser for all pages, with a profile in a folder: only there does it keep gradio's scripts compiled, and
    they are most of what a page costs. Routes would switch that off, so requests to elsewhere fail at the name."""
    installed = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch_persistent_context(
                tmp_path_factory.mktemp("profile"),
                executable_path=installed,
                args=["--no-sandbox", "--no-proxy-server", f"--host-resolver-rules={ONLY_HERE}"],
                viewport={"width": 1200, "height": 1000},
                permissions=["clipboard-read", "clipboard-write"],
            )
        except Error as error:
            skip_or_fail(f"no Chromium: {error.message.splitlines()[0]}")
        launched.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        launched.add_init_script(FORGET)
        yield launched
        launched.close()


@pytest.fixture(scope="session", params=["gradio3", "gradio4"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page, served from a folder that holds the extension under a name of its own, as a link."""
    environment = ROOT / f".venv-{request.param}"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (environment / "installed").exists():
        skip_or_fail(f"no {environment.name}")
    folder = tmp_path_factory.mktemp(request.param)
    extension = Path("extensions") / "my pixels (1)"
    (folder / "extensions").mkdir()
    (folder / extension).symlink_to(ROOT, target_is_directory=True)
    (folder / "schema.json").write_text(json.dumps(json_schema()))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    command = [python, Path(__file__).with_name("harness.py"), str(port), "schema.json", extension]
    outside = {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | outside, stdout=log, stderr=log)
        try:
            _wait(f"{ORIGIN}:{port}/", server, folder / "log")
            yield f"{ORIGIN}:{port}/"
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        try:
            direct.open(address, timeout=10).close()
            return
        except OSError:
            time.sleep(0.25)
        if server.poll() is not None:
            break
    pytest.fail(f"the page does not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def panel(address: str, context: BrowserContext) -> Iterator[Panel]:
    """The panel on a fresh page. A test fails if the page reports an error."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if is_ours(message) else None)
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".pixels-add")
    panel = Panel(page)
    yield panel
    page.close()
    assert [error for error in errors if not any(words in error for words in panel.expected_errors)] == []


@pytest.fixture
def exemplar(tmp_path: Path) -> Path:
    image = Image.new("RGB", (300, 260), (30, 60, 160))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 40, 240, 220), fill=(250, 220, 60))
    draw.rectangle((130, 100, 170, 240), fill=(200, 30, 40))
    image.save(tmp_path / "exemplar.png")
    return tmp_path / "exemplar.png"


@pytest.fixture
def studio(panel: Panel, exemplar: Path) -> Studio:
    with_map(panel, exemplar)
    return Studio(panel)


@pytest.fixture
def image_file(tmp_path: Path) -> Path:
    file = tmp_path / "small.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)).save(file)
    return file


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.png"
    noise(40, 30).save(file)
    return file
