# `make demo` and the like; `python3 tasks.py demo` where there is no make.
.PHONY: setup demo test panel lint bench gauge
setup demo test panel lint bench gauge:
	@python3 tasks.py $@
