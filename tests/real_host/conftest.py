"""The host that these tests talk to."""

from __future__ import annotations

import os

import pytest

from .webui_client import WebUI

ADDRESS, LOGIN, CHECKPOINT = (
    os.environ.get(name, "") for name in ("PIXELS_HOST", "PIXELS_HOST_AUTH", "PIXELS_HOST_CHECKPOINT")
)
REASON = "needs a running WebUI: set PIXELS_HOST to its address (tests/real_host/README.md)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not ADDRESS and "real_host" in item.path.parts:
            item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture(scope="session")
def host() -> WebUI:
    return WebUI(ADDRESS, LOGIN, CHECKPOINT)


@pytest.fixture
def probed(host: WebUI) -> WebUI:
    """The host, with nothing in the probe's notes."""
    if not host.has_probe:
        pytest.skip("needs the probe in the host's extensions (tests/real_host/README.md)")
    host.calls()
    return host


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each sampler, schedule and axis that the host lists."""
    host = WebUI(ADDRESS, LOGIN)
    listed = {"sampler": "samplers", "scheduler": "schedulers", "axis": "our_axes"}
    for argument, name in listed.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, getattr(host, name) if ADDRESS else ["any"])
