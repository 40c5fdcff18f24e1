"""`python -m pixels_ext`: the command line."""

import os
import sys

from pixels_ext.cli.terminal import fail, prepare_streams, run_guarded


def run() -> int:
    """Run the command line and return the exit code. Every failure is reported in one sentence."""
    prepare_streams()
    if sys.version_info < (3, 10):  # noqa: UP036 (users may start any Python version)
        return fail(f"this is Python {sys.version.split()[0]} (expected 3.10 or newer).", 1)
    # transformers reads this when it is imported, and warns about parts that we do not use.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    return run_guarded(_main)


def _main() -> int:
    from pixels_ext.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
