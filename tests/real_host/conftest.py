"""The host that these tests talk to."""

from __future__ import annotations

import os

import pytest

from .plain_requests import plain_requests
from .webui_client import WebUI, sample_image

ADDRESS, PLAIN_ADDRESS, LOGIN, CHECKPOINT = (
    os.environ.get(name, "")
    for name in ("PIXELS_HOST", "PIXELS_HOST_PLAIN", "PIXELS_HOST_AUTH", "PIXELS_HOST_CHECKPOINT")
)
REASON = "needs a running WebUI: set PIXELS_HOST to its address (tests/real_host/README.md)"
NO_PLAIN_HOST = (
    "needs the same WebUI without PIXELS too: set PIXELS_HOST_PLAIN to its address (tests/real_host/README.md)"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not ADDRESS and "real_host" in item.path.parts:
            item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture(scope="session")
def host() -> WebUI:
    host = WebUI(ADDRESS, LOGIN, CHECKPOINT)
    plain = host.img2img(sample_image(1)).image
    # Two black images are always alike: with a host that makes no others, these tests would measure nothing.
    assert plain.std() > 2, "the host's own img2img is one color (tests/real_host/README.md)"
    return host


@pytest.fixture(scope="session")
def plain_host() -> WebUI:
    """The same kind of host without our extension."""
    if not PLAIN_ADDRESS:
        pytest.skip(NO_PLAIN_HOST)
    return WebUI(PLAIN_ADDRESS, LOGIN, CHECKPOINT)


@pytest.fixture
def probed(host: WebUI) -> WebUI:
    """The host, with nothing in the probe's notes."""
    if not host.has_probe:
        pytest.skip("needs the probe in the host's extensions (tests/real_host/README.md)")
    host.calls()
    return host


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each sampler, schedule and axis that the host lists, and for each request that its API takes."""
    host = WebUI(ADDRESS, LOGIN)
    listed = {"sampler": "samplers", "scheduler": "schedulers", "axis": "our_axes"}
    for argument, name in listed.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, getattr(host, name) if ADDRESS else ["any"])
    if "plain_request" in metafunc.fixturenames:
        asked = plain_requests(WebUI(PLAIN_ADDRESS, LOGIN)) if ADDRESS and PLAIN_ADDRESS else [None]
        metafunc.parametrize("plain_request", asked, ids=lambda one: one.name if one else "any")
