"""The host's own API tests, where it ships them, on the host with our extension."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .webui_client import WebUI

ROOT = os.environ.get("PIXELS_HOST_SOURCE", "")
SECONDS = 900


def own_tests() -> list[Path]:
    """The files of the host's `test` folder whose tests ask a running host: they take its address, `base_url`."""
    files = sorted(Path(ROOT, "test").glob("test_*.py")) if ROOT else []
    return [file for file in files if "base_url" in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("file", own_tests() or [None], ids=lambda file: file.name if file else "none")
def test_the_hosts_own_api_tests_pass(host: WebUI, file: Path | None) -> None:
    if not ROOT:
        pytest.skip("needs the host's folder: set PIXELS_HOST_SOURCE (tests/real_host/README.md)")
    if file is None:
        pytest.skip(f"{ROOT} ships no API tests")
    if host.login:
        pytest.skip("the host's own tests know no password")
    pytest.importorskip("requests", reason="the host's own tests need requests")
    # In a process of its own: the host's tests have a conftest.py and settings of their own.
    plugins = ["-p", "no:cacheprovider", "-p", "no:base_url", "-p", "real_host.base_url_plugin"]
    run = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", *plugins, str(file)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "no_proxy": "*"},
    )
    print(run.stdout[-6000:])
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
