"""Standard streams that may be closed, and error messages for unexpected failures.

Imports only the standard library, so that it works when other packages are missing.
"""

from __future__ import annotations

import codecs
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

BROKEN_PIPE = 141
"""Exit code when the reader of the output is gone, as in shells: 128 plus the number of SIGPIPE."""
_ROOT = Path(__file__).resolve().parents[2]


class BestEffortStream:
    """A stream for messages that ignores write errors, such as a closed reader or a full disk."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def prepare_streams() -> None:
    """Make standard output accept every file name, and standard error accept everything at any time."""
    for number in range(3):  # otherwise the next opened file would get a closed number
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (it stays open)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    codecs.register_error("file_name_bytes", _encode_as_file_name)
    for stream, errors in ((sys.stdout, "file_name_bytes"), (sys.stderr, "backslashreplace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
    sys.stderr = BestEffortStream(sys.stderr)


def run_guarded(work: Callable[[], int]) -> int:
    """Run `work` and return its exit code. Every failure is reported in one sentence."""
    try:
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        code = fail("interrupted.", 130)
    except BrokenPipeError:
        code = BROKEN_PIPE
    except ImportError as error:
        code = fail(_missing_package(error), 1)
    except Exception as error:
        code = report_crash(error)
    return _flush_stdout(code)


def fail(message: str, code: int) -> int:
    """Print an error message and return `code`."""
    print(f"pixels_ext: {message}", file=sys.stderr)
    return code


def print_lines(lines: Sequence[str]) -> None:
    """Print `lines` to standard output. If that fails, put short ones into an error message and raise `SystemExit`.
    Raises `BrokenPipeError` when the reader is gone."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        short = [line for line in lines if "\n" not in line]
        unprinted = f" (not printed: {', '.join(short)})" if short else ""
        raise SystemExit(fail(f"standard output cannot be written: {error}{unprinted}.", 1)) from None


def report_crash(error: BaseException) -> int:
    """Print one sentence about an unexpected error, and save the traceback to a file. Returns the exit code."""
    line = " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(":.")
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    environment = f"Python {platform.python_version()} on {platform.platform()}\n{' '.join(map(repr, sys.argv))}\n\n"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="pixels-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(environment + details)
        attachment = f"with {file.name}"
    except OSError:
        attachment = "with what you did"
    return fail(f"unexpected error: {line} (please report it, {attachment}).", 1)


def _missing_package(error: ImportError) -> str:
    package = (error.name or "").partition(".")[0]
    found = f"the package {package!r}" if package else "a package"
    why = (
        "is not installed"
        if isinstance(error, ModuleNotFoundError)
        else f"cannot be used: {' '.join(str(error).split())}"
    )
    command = f"{sys.executable} -m pip install '{_ROOT}[diffusers]'"
    return f"{found} {why} (expected it in this Python; to install what the command line needs: {command})."


def _encode_as_file_name(error: UnicodeError) -> tuple[bytes, int]:
    """Encode characters that an encoding lacks as the bytes of file names on this system."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    try:
        return os.fsencode(text), error.end
    except UnicodeEncodeError:
        return text.encode("ascii", "backslashreplace"), error.end


def _flush_stdout(code: int) -> int:
    """Flush standard output, and return `code` or that of a failure. Leaves nothing that Python would warn about at
    exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or BROKEN_PIPE
    except (OSError, ValueError) as error:
        code = code or fail(f"standard output cannot be written: {error}.", 1)
    else:
        return code
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
