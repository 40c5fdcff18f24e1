"""Which tests run with the versions of hosts, and when such a run fails."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.host_versions import TESTS, HostVersions, runs_in_hosts


@pytest.mark.parametrize(
    "pattern", ["webui/test_*.py", "vision/test_*.py", "imaging/test_images.py", "maps/test_*.py", "conftest.py"]
)
def test_what_runs_in_a_host_is_among_them(pattern: str) -> None:
    files = list(TESTS.glob(pattern))
    assert files
    assert [file.name for file in files if not runs_in_hosts(file)] == []


@pytest.mark.parametrize(
    "name", ["cli/test_demo.py", "cli/test_edit.py", "diffusers_host/test_families.py", "helpers/tiny_models.py"]
)
def test_what_needs_diffusers_is_not_among_them(name: str) -> None:
    assert not runs_in_hosts(TESTS / name)


def skipped(reason: str) -> SimpleNamespace:
    return SimpleNamespace(
        nodeid="tests/test_a.py::test_b", when="setup", passed=False, skipped=True, longrepr=("", 1, reason)
    )


PASSED = SimpleNamespace(nodeid="tests/test_a.py::test_c", when="call", passed=True, skipped=False)


@pytest.mark.parametrize(
    ("least", "reports", "faults"),
    [
        (2, [PASSED, PASSED], 0),
        (3, [PASSED, PASSED], 1),
        (1, [PASSED, skipped("Skipped: could not import 'diffusers'")], 0),
        (1, [PASSED, skipped("Skipped: could not import 'transformers'")], 1),
        (2, [skipped("Skipped: could not import 'cv2'")], 2),
    ],
)
def test_few_tests_and_silent_skips_are_faults(least: int, reports: list[SimpleNamespace], faults: int) -> None:
    counted = HostVersions(least)
    for report in reports:
        counted.pytest_runtest_logreport(report)
    assert len(counted.faults()) == faults
    session = SimpleNamespace(config=SimpleNamespace(), exitstatus=pytest.ExitCode.OK)
    counted.pytest_sessionfinish(session)
    assert bool(session.exitstatus) == bool(faults)


@pytest.mark.parametrize(
    ("text", "faces"),
    [
        ("if TYPE_CHECKING:\n    import diffusers\ndef test():\n    import diffusers\n", True),
        ("try:\n    from diffusers.models import attention\nexcept ImportError:\n    pass\n", False),
        ("from helpers.tiny_models import MODELS\n", False),
        ("from pixels_ext import diffusers_host\n", False),
    ],
)
def test_what_is_imported_within_a_test_or_for_types_alone_does_not_count(
    text: str, faces: bool, tmp_path: Path
) -> None:
    file = tmp_path / "test_a.py"
    file.write_text(text)
    assert runs_in_hosts(file) == faces
