"""The list of tasks: the same in tasks.py and in the Makefile, and every tool that it names starts."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import markdown_it  # noqa: F401 (tools need packages of the first environment: not run with the hosts' versions)
import pytest

ROOT = Path(__file__).parents[2]


def load_tasks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tasks", ROOT / "tasks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TASKS = load_tasks()


def test_the_makefile_has_every_task() -> None:
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    found = re.search(r"^TASKS = (.*)$", text, re.MULTILINE)
    assert found
    assert sorted(found[1].split()) == sorted(TASKS.TASKS)


@pytest.mark.parametrize("name", sorted({*TASKS.TOOLS} - {"bench", "release"}))
def test_every_tool_tells_its_flags(name: str) -> None:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tests", "tools", "."))
    command = [sys.executable, "-m", TASKS.TOOLS[name], "--help"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "usage: " in done.stdout


def test_workflows_and_hooks_name_tasks_that_there_are() -> None:
    files = [ROOT / ".pre-commit-config.yaml", *(ROOT / ".github" / "workflows").glob("*.yml")]
    named = {task for file in files for task in re.findall(r"python tasks\.py (\w+)", file.read_text("utf-8"))}
    assert {"lint", "python", "hosts", "webui", "release", "fix", "types"} <= named <= {*TASKS.TASKS}
