"""Everything that one does with this repository, on a machine that has only Python: `python tasks.py demo`.

Each task first makes sure that the virtual environment in `.venv` has what it needs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
ESLINT, TYPESCRIPT = "eslint@9.39.1", "typescript@5.9.3"
VERSIONED = " + new URL(import.meta.url).search"
"""By this the panel's modules hand their version on when they import each other, which TypeScript cannot follow."""
HOSTS = ("hosts-a1111", "hosts-forge")
"""Environments with the versions that hosts ship: tests/helpers/host_versions.py."""
LEAST = 2100
"""So many tests pass in each of them, or too many were left out."""
TOOLS = {
    "bench": "bench",
    "calibrate_strength": "calibrate_strength",
    "cost": "cost",
    "few_steps": "few_steps",
    "pages": "pages",
    "quality": "quality",
    "release": "release",
    "table1": "table1",
    "train": "demo_model",
    "webui": "real_webui",
    "white_kept": "white_kept",
}
"""Tasks that run a module of `tools/`, which take further arguments."""
NEEDED, OLDEST = "diffusers,test,table1", (3, 10)


def setup() -> None:
    """Make the virtual environment, or bring it up to date when the pins or the metadata changed."""
    stamp = VENV / "installed"
    wanted = CONSTRAINTS.read_text() + (ROOT / "pyproject.toml").read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    print(f"setting up {VENV} (a few minutes the first time)", flush=True)
    # torch first: only when it is asked for by its exact version does pip take the build that this machine offers.
    torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
    pip("install", torch)
    pip("install", "-c", str(CONSTRAINTS), "-e", f"{ROOT}[{NEEDED}]")
    stamp.write_text(wanted)


def environment(name: str) -> Path | None:
    """Make the environment `.venv-NAME` from the pins in `.ci/NAME.txt`, or bring it up to date; its Python.

    Where it cannot be had, that is said, and there is none; only in CI is that an error.
    """
    folder, pins = ROOT / f".venv-{name}", ROOT / ".ci" / f"{name}.txt"
    stamp, python = folder / "installed", folder / PYTHON.relative_to(VENV)
    if stamp.exists() and stamp.read_text() == pins.read_text():
        return python
    print(f"setting up {folder}", flush=True)
    if not python.exists():
        venv.create(folder, with_pip=True)
    if attempt(str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "-r", str(pins)):
        stamp.write_text(pins.read_text())
        return python
    print(f"{folder} could not be made: the tests that need it are left out", flush=True)
    return None


def panel_setup() -> None:
    """Make what the panel's tests need besides: an environment for each gradio that WebUIs use, and a browser.

    Where one of them cannot be had, those tests are skipped and say so; only in CI is that an error.
    """
    for name in ("gradio3", "gradio4"):
        environment(name)
    if not shutil.which("chromium") and shutil.which("apt-get") and os.geteuid() == 0:
        print("installing chromium", flush=True)
        install = ("apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium")
        if attempt("apt-get", "-qq", "update"):
            attempt(*install, stdout=subprocess.DEVNULL)


def hosts(extra: list[str]) -> None:
    """Run tests with the package versions that hosts ship: all that can run so, or those that arguments name."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("PIXELS_FUZZ", "short")  # the same properties were tested at length in the first environment
    for name in HOSTS:
        if python := environment(name):
            print(f"tests with the versions of hosts, in {python.parent.parent.name}", flush=True)
            whole = ["tests", "-n", "2", "--no-loadscope-reorder"]
            run("-m", "pytest", "--host-versions", "0" if extra else str(LEAST), *(extra or whole), python=python)


def attempt(*command: str, **options: object) -> bool:
    """Run a command that may fail outside CI; whether it succeeded."""
    code = subprocess.call(command, **{"cwd": ROOT, **options})
    if code and os.environ.get("CI"):
        sys.exit(code)
    return not code


def pip(*arguments: str) -> None:
    """Run the environment's pip."""
    run("-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def run(*arguments: str, python: Path = PYTHON) -> None:
    """Run an environment's Python in the repository; end with its exit code if it fails."""
    code = subprocess.call([str(python), *arguments], cwd=ROOT)
    if code:
        sys.exit(code)


def check(*arguments: str, extra: list[str]) -> None:
    """Run pytest: on two workers, with one thread each, when it is all of `arguments` that is asked for.

    With further arguments it is pytest as they say, in one process, since `-s` and `--pdb` know no workers; and a
    running host takes one client at a time.
    """
    if not extra and not os.environ.get("PIXELS_HOST"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        extra = ["-n", "2", "--no-loadscope-reorder"]  # tests/helpers/xdist_scheduler.py gives them their tests
    run("-m", "pytest", *arguments, *extra)


def lint() -> None:
    """Format, lint and type checks; they change nothing."""
    run("-m", "ruff", "format", "--check", ".")
    run("-m", "ruff", "check", ".")
    run("-m", "mypy")
    npx = shutil.which("npx")
    if npx:
        attempt(npx, "--yes", ESLINT, "-c", ".ci/eslint.config.mjs", "javascript")
        check_types(npx)
    elif os.environ.get("CI"):
        sys.exit("npx is not there; it checks the panel's JavaScript")


def check_types(npx: str) -> None:
    """Check the panel's JavaScript by the types in its comments, in a copy whose modules import each other plainly."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "javascript", Path(folder) / "javascript")
        shutil.copy(ROOT / ".ci" / "tsconfig.json", folder)
        for file in Path(folder).rglob("*.mjs"):
            file.write_text(file.read_text("utf-8").replace(VERSIONED, ""), "utf-8")
        attempt(npx, "--yes", "--package", TYPESCRIPT, "tsc", cwd=folder)


def test(extra: list[str]) -> None:
    """Do what CI does: lint, all tests, and those with the versions of hosts; or pytest with further arguments."""
    lint()
    panel_setup()
    check(extra=extra)
    if not extra and not os.environ.get("PIXELS_HOST"):
        hosts([])


def panel(extra: list[str]) -> None:
    """Run the panel's tests."""
    panel_setup()
    check("tests/panel", extra=extra)


def fix(extra: list[str]) -> None:
    """Format Python files and mend what the linter can, in all files or those that are named."""
    run("-m", "ruff", "check", "--fix", *(extra or ["."]))
    run("-m", "ruff", "format", *(extra or ["."]))


def tool(name: str, extra: list[str]) -> None:
    """Run a module of `tools/`."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "tools")])
    run("-m", TOOLS[name], *extra)


TASKS: dict[str, Callable[[list[str]], None]] = {
    "setup": lambda _: None,
    "demo": lambda extra: run("-m", "pixels_ext", "demo", *extra),
    "test": test,
    "python": lambda extra: check("tests", "--ignore", "tests/panel", extra=extra),
    "panel": panel,
    "hosts": hosts,
    "lint": lambda _: lint(),
    "fix": fix,
    "types": lambda extra: run("-m", "mypy", *extra),
    **{name: partial(tool, name) for name in TOOLS},
}
"""What each task does with further arguments, once the environment is there."""


def main() -> None:
    """Read the task's name and do it."""
    if sys.version_info < OLDEST:
        sys.exit(f"This is Python {sys.version.split()[0]}; Python {'.'.join(map(str, OLDEST))} or newer is needed.")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=TASKS)
    task, extra = parser.parse_known_args()
    setup()
    TASKS[task.task](extra)


if __name__ == "__main__":
    main()
