"""Fixtures and options that all tests share; a tiny pipeline for those that need diffusers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from helpers.host_versions import HostVersions
from helpers.images import gray_map, noise_image
from helpers.xdist_scheduler import ByFile
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from pixels_ext.request import EditRequest, Exemplar

if TYPE_CHECKING:  # Hosts have no diffusers, or another: see CONTRIBUTING, "Versions".
    from diffusers import StableDiffusionImg2ImgPipeline

settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("short", deadline=None, max_examples=15, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("PIXELS_FUZZ", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "run only the tests with the versions of hosts, N of which must pass (tests/helpers/host_versions.py)"
    parser.addoption("--host-versions", type=int, metavar="N", help=about)


def pytest_configure(config: pytest.Config) -> None:
    least = config.getoption("host_versions")
    if least is not None:
        config.pluginmanager.register(HostVersions(least))
    if os.environ.get("PIXELS_HOST") and config.getoption("numprocesses", None):
        raise pytest.UsageError("a running host takes one client at a time: with PIXELS_HOST, give no -n")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pipeline() -> StableDiffusionImg2ImgPipeline:
    pytest.importorskip("diffusers")
    from helpers.tiny_sd1 import random_pipeline

    return random_pipeline()


@pytest.fixture(scope="module")
def model(pipeline: StableDiffusionImg2ImgPipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny pipeline as a folder, for commands that load one."""
    folder = tmp_path_factory.mktemp("model")
    pipeline.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_request() -> Callable[..., EditRequest]:
    """A request with `count` exemplars of random images and maps."""

    def make(count: int = 1, **fields: object) -> EditRequest:
        exemplars = tuple(Exemplar(image=noise_image(10 + k), edit_map=gray_map(20 + k)) for k in range(count))
        return EditRequest(exemplars=exemplars, **fields)

    return make
