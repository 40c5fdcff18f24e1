# `make demo` and the like, with ARGS="..." for what follows; `python3 tasks.py demo` where there is no make.
.PHONY: setup demo test python panel hosts lint bench cost table1 quality train
setup demo test python panel hosts lint bench cost table1 quality train:
	@python3 tasks.py $@ $(ARGS)
