"""The command line: `python -m pixels_ext edit ...`."""
