# `make demo` and the like; `python3 tasks.py demo` where there is no make.
.PHONY: setup demo test panel lint bench cost
setup demo test panel lint bench cost:
	@python3 tasks.py $@
