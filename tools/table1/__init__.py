"""The paper's Table 1 (a), ready to run: `python3 tasks.py table1 --help`, and docs/table1.md."""
