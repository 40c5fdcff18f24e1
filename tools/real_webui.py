"""Run tests/real_host on an AUTOMATIC1111 WebUI: install it, write a tiny checkpoint, start it on the CPU, test.

    python tasks.py webui                                      # everything, beside this repository: 5 GB
    python tasks.py webui tests/real_host/test_invariants.py   # further arguments go to pytest
    python tasks.py webui --folder WEBUI --python WEBUI_PYTHON # a WebUI that is installed already

It needs git, and Python 3.10 or 3.11 for the WebUI. Only the standard library is used here.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY, TAG = "https://github.com/AUTOMATIC1111/stable-diffusion-webui", "v1.10.1"
TORCH = "torch==2.1.2 torchvision==0.16.2 --index-url https://download.pytorch.org/whl/cpu"
CLIP = "https://github.com/openai/CLIP/archive/d50d76daa670286dd6cacf3bcd80b5e4823fc8e1.zip"
STABLE_DIFFUSION = "https://github.com/w-e-w/stablediffusion.git"
"""The WebUI's own maintainer's copy: the repository that v1.10.1 clones is gone."""
CHECKPOINT = Path("models") / "Stable-diffusion" / "tiny-sd1.safetensors"
INSTALLING = ("--skip-torch-cuda-test", "--skip-python-version-check", "--exit")
RUNNING = (
    *("--api", "--use-cpu", "all", "--no-half", "--precision", "full", "--disable-nan-check", "--do-not-download-clip"),
    *("--skip-prepare-environment", "--skip-torch-cuda-test", "--skip-python-version-check", "--skip-install"),
)
EXTENSIONS = {"sd-webui-pixels": ROOT, "pixels-probe": ROOT / "tests" / "real_host" / "probe"}
PATIENCE = 600
"""Seconds that a WebUI may take to start."""


def install(folder: Path) -> Path:
    """Clone the WebUI and install what it needs, or do what is missing of it; its Python."""
    if not (folder / "launch.py").exists():
        _run("git", "clone", "--depth", "1", "--branch", TAG, REPOSITORY, folder)
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
    pip = (python, "-m", "pip", "--quiet", "install")
    _run(*pip, "setuptools<81", "wheel")  # newer ones have no pkg_resources, which CLIP's build imports
    _run(*pip, *TORCH.split())
    _run(*pip, "--no-build-isolation", CLIP)
    _run(python, "launch.py", *INSTALLING, cwd=folder, STABLE_DIFFUSION_REPO=STABLE_DIFFUSION)
    return python


def link_extensions(folder: Path) -> None:
    """Put this repository and the tests' probe into the WebUI's extensions, where they are not yet."""
    for name, target in EXTENSIONS.items():
        link = folder / "extensions" / name
        if not link.exists():
            link.symlink_to(target, target_is_directory=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(folder: Path, python: Path, log: Path) -> Iterator[str]:
    """The address of the WebUI while it runs. Raises `RuntimeError` with the end of its log if it does not start."""
    port = free_port()
    command = [python, "launch.py", *RUNNING, "--port", port, "--ckpt", folder / CHECKPOINT]
    with log.open("wb") as output:
        options = {"cwd": folder, "stdout": output, "stderr": subprocess.STDOUT, "env": _environment()}
        server = subprocess.Popen([str(part) for part in command], **options)
        try:
            wait_for(f"http://127.0.0.1:{port}", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the WebUI answers by its API."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            direct.open(f"{address}/sdapi/v1/sd-models", timeout=10).close()
            return
        except OSError:
            time.sleep(1)
    raise RuntimeError(f"the WebUI does not start. The end of {log}:\n{log.read_text(errors='replace')[-3000:]}")


def test(address: str, folder: Path, arguments: list[str]) -> int:
    """Run pytest with the WebUI at `address`; its exit code."""
    environment = _environment(PIXELS_HOST=address, PIXELS_HOST_SOURCE=str(folder))
    return subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)


def _environment(**more: str) -> dict[str, str]:
    local = {"no_proxy": "127.0.0.1,localhost", "GRADIO_ANALYTICS_ENABLED": "False", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **local, **more}


def _run(*command: object, cwd: Path | None = None, **environment: str) -> None:
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, env=_environment(**environment), check=True)


def main() -> int:
    """Install what is missing, then start, test and stop; the tests' exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, default=ROOT.parent / "stable-diffusion-webui", help="the WebUI's folder"
    )
    parser.add_argument("--python", type=Path, help="the WebUI's Python; nothing is installed then")
    arguments, tests = parser.parse_known_args()
    folder = arguments.folder.resolve()
    python = arguments.python.absolute() if arguments.python else install(folder)
    link_extensions(folder)
    if not (folder / CHECKPOINT).exists():
        _run(python, ROOT / "tools" / "tiny_checkpoint.py", folder)
    with running(folder, python, folder / "pixels-test.log") as address:
        return test(address, folder, tests or ["tests/real_host"])


if __name__ == "__main__":
    sys.exit(main())
