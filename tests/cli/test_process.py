"""The command line as a process: whatever its surroundings are, no traceback reaches a person."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import EXEMPLAR, MAP
from PIL import Image

pytestmark = pytest.mark.skipif(os.name == "nt", reason="runs the command in bash")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pixels_ext"]


def run(arguments: list[str], more: str = "", **environment: str | None) -> subprocess.CompletedProcess[bytes]:
    """The command, in bash, with `more` behind it; `environment` on top of ours, without what is `None` in it. The last
    line of its output is the exit code."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    told = {name: value for name, value in surroundings.items() if value is not None}
    line = f"{' '.join(map(shlex.quote, [*COMMAND, *arguments]))} {more}"
    return subprocess.run(["bash", "-c", line], env=told, capture_output=True, check=False)


@pytest.fixture
def edit(model: Path, work: Path) -> list[str]:
    return ["edit", "--source", "a.jpg", *EXEMPLAR, *MAP, "--steps", "2", "--model", str(model)]


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (
            "ModuleNotFoundError(\"No module named 'diffusers'\", name='diffusers')",
            1,
            "the package 'diffusers' is not installed (ex",
        ),
        (
            "ImportError('cannot import\\nname', name='diffusers.x')",
            1,
            "the package 'diffusers' cannot be used: cannot import name (exp",
        ),
        (
            "OSError('libcudart.so.12: no such file')",
            1,
            "unexpected error: OSError: libcudart.so.12: no such file",
        ),
        ("RuntimeError('a\\nb')", 1, "unexpected error: RuntimeError: a b (please report it, with "),
        ("KeyboardInterrupt()", 130, "interrupted."),
    ],
)
def test_what_is_met_before_the_first_line_of_ours(raised: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "diffusers.py").write_text(f"raise {raised}\n")
    done = run(["edit", "--source", "a.jpg", "-o", "out.png"], PYTHONPATH=f"{ROOT}:{tmp_path}", TMPDIR=str(tmp_path))
    [line] = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (code, b"")
    assert line.startswith(f"pixels_ext: {said}")
    reports = list(tmp_path.glob("pixels-*.txt"))
    assert len(reports) == line.count(".txt")
    assert all("Traceback" in file.read_text() for file in reports)


@pytest.mark.parametrize("arguments", [["--help"], ["edit", "--help"], ["maps", "--help"], ["schema"]], ids=" ".join)
def test_help_and_schema_import_neither_diffusers_nor_transformers(arguments: list[str], tmp_path: Path) -> None:
    for package in ("diffusers", "transformers"):
        (tmp_path / f"{package}.py").write_text("raise OSError('imported')\n")
    done = run(arguments, PYTHONPATH=f"{ROOT}:{tmp_path}")
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_the_engine_s_own_packages() -> None:
    """As in a Python that nothing was installed for."""
    plain = subprocess.run(
        [sys.executable, "-S", "-m", "pixels_ext", "edit"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    [line] = plain.stderr.splitlines()
    assert plain.returncode == 1
    assert line.startswith("pixels_ext: the package '")
    assert line.endswith("[diffusers]').")


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ("| true; exit ${PIPESTATUS[0]}", 141, ""),
        ("> /dev/full", 1, "pixels_ext: standard output cannot be written: "),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
    ],
)
def test_standard_output_that_takes_nothing(more: str, code: int, said: str) -> None:
    done = run(["schema"], more)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, len(lines)) == (code, int(bool(said)))
    assert not said or lines[0].startswith(said)


def test_an_edit_to_whom_nobody_listens_is_there_all_the_same(edit: list[str], work: Path) -> None:
    done = run([*edit, "-o", "out.png"], "2>&1 | true; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stdout, done.stderr) == (141, b"", b"")
    assert Image.open(work / "out.png").text["parameters"]


def test_names_that_the_locale_has_no_letters_for(edit: list[str], work: Path) -> None:
    """And no home, and no place for temporary files."""
    name = b"\xffo\xc3\xa4.png".decode("utf-8", "surrogateescape")
    surroundings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = run([*edit, "--quiet", "-o", name], HOME=None, TMPDIR="/nowhere", **surroundings)
    assert (done.returncode, done.stdout, done.stderr) == (0, os.fsencode(name) + b"\n", b"")
    helped = run(["edit", "--help"], **surroundings)
    assert (helped.returncode, helped.stderr) == (0, b"")
