"""`python -m pixels_ext`: the command line."""

import os
import sys

from pixels_ext.cli.terminal import fail, prepare_streams, watched


def run() -> int:
    """Start the command line. Whatever happens, one sentence says it."""
    prepare_streams()
    if sys.version_info < (3, 10):  # noqa: UP036 (a person may start any Python that there is)
        return fail(f"this is Python {sys.version.split()[0]} (expected 3.10 or newer).", 1)
    # transformers looks at this when it is imported, and warns about parts that we do not use.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    return watched(_main)


def _main() -> int:
    from pixels_ext.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
