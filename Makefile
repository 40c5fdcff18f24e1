# `make demo` and the like; `python3 tasks.py demo` where there is no make.
.PHONY: setup demo test lint bench
setup demo test lint bench:
	@python3 tasks.py $@
