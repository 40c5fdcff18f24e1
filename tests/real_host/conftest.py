"""The host that these tests talk to."""

from __future__ import annotations

import os

import pytest

from .webui_client import WebUI, picture

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
    host = WebUI(ADDRESS, LOGIN, CHECKPOINT)
    plain = host.img2img(picture(1)).picture
    # Two black pictures are always alike: with a host that makes no others, these tests would measure nothing.
    assert plain.std() > 2, "the host's own img2img is one colour (tests/real_host/README.md)"
    return host


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
