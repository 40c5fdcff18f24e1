# `make demo` and the like; `python3 tasks.py demo` where there is no make.
.PHONY: setup demo test panel lint bench
setup demo test panel lint bench:
	@python3 tasks.py $@
