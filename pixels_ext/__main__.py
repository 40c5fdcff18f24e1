"""`python -m pixels_ext`: the command line."""

import os
import sys


def run() -> int:
    """Start the command line."""
    # transformers looks at this when it is imported, and warns about parts that we do not use.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from pixels_ext.standalone.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
