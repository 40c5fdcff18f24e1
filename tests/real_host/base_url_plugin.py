"""A pytest plugin for the hosts' own API tests: gives them the host's address, as pytest-base-url would."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def base_url() -> str:
    return os.environ["PIXELS_HOST"].rstrip("/")
