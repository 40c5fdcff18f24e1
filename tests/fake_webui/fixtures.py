"""The fake host for tests: `pytest_plugins = ["fake_webui.fixtures"]` in a test module."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from fake_webui.host import Host, importable

settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("PIXELS_FUZZ", "ci"))


@pytest.fixture(scope="module")
def started_host() -> Iterator[Host]:
    torch.set_num_threads(1)  # on latents of this size, more only wait for each other
    with importable():
        yield Host()


@pytest.fixture
def host(started_host: Host) -> Iterator[Host]:
    """A host as after its start. A test fails when the host had to print an error that the test did not clear."""
    started_host.fresh()
    yield started_host
    assert started_host.errors.reported == []
