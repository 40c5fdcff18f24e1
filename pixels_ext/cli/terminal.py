"""Between the command line and whoever started it: streams that may be closed, and failures that nobody foresaw.

Nothing but the standard library is imported here: it works where everything else is missing.
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
"""The exit code of whom nobody listens to any more, as shells have it: 128 and the number of SIGPIPE."""
_ROOT = Path(__file__).resolve().parents[2]


class Patient:
    """A stream for messages that goes on without a word when nobody reads them any more, or the disk is full."""

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
    """Let standard output take every file name, and standard error everything at any time."""
    for number in range(3):  # one that is closed would be the next file that is opened
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (it stays open)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    codecs.register_error("as bytes", _as_bytes)
    for stream, errors in ((sys.stdout, "as bytes"), (sys.stderr, "backslashreplace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
    sys.stderr = Patient(sys.stderr)


def watched(work: Callable[[], int]) -> int:
    """The exit code of `work`, whose every failure ends in one sentence."""
    try:
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        code = fail("interrupted.", 130)
    except BrokenPipeError:
        code = BROKEN_PIPE
    except ImportError as error:
        code = fail(_missing(error), 1)
    except Exception as error:
        code = unforeseen(error)
    return _flushed(code)


def fail(message: str, code: int) -> int:
    """Say `message` and return `code`."""
    print(f"pixels_ext: {message}", file=sys.stderr)
    return code


def tell(lines: Sequence[str]) -> None:
    """Print `lines`, the names of files or an answer. Where that is not possible, short ones are said where messages
    go; raises `SystemExit` then, and `BrokenPipeError` where nobody reads them any more."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        short = [line for line in lines if "\n" not in line]
        rest = f" (it would be told: {', '.join(short)})" if short else ""
        raise SystemExit(fail(f"standard output cannot be written: {error}{rest}.", 1)) from None


def unforeseen(error: BaseException) -> int:
    """Say in one sentence what nobody foresaw, and where the rest is. Returns the exit code."""
    line = " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(":.")
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    about = f"Python {platform.python_version()} on {platform.platform()}\n{' '.join(map(repr, sys.argv))}\n\n"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="pixels-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(about + text)
        rest = f"with {file.name}"
    except OSError:
        rest = "with what you did"
    return fail(f"failed as nobody foresaw: {line} (please report it, {rest}).", 1)


def _missing(error: ImportError) -> str:
    package = (error.name or "").partition(".")[0]
    found = f"the package {package!r}" if package else "a package"
    why = "is missing" if isinstance(error, ModuleNotFoundError) else f"cannot be used: {' '.join(str(error).split())}"
    command = f"{sys.executable} -m pip install '{_ROOT}[diffusers]'"
    return f"{found} {why} (expected it in this Python; {command} installs what the command line needs)."


def _as_bytes(error: UnicodeError) -> tuple[bytes, int]:
    """What an encoding has no letters for, as the bytes that the system has in file names."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    try:
        return os.fsencode(text), error.end
    except UnicodeEncodeError:
        return text.encode("ascii", "backslashreplace"), error.end


def _flushed(code: int) -> int:
    """`code`, unless what was printed cannot be brought out. Nothing is left over for Python to complain about."""
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
