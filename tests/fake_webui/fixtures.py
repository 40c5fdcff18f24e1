"""The fake host for tests: `pytest_plugins = ["fake_webui.fixtures"]` in a test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from fake_webui.host import Host, importable


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
