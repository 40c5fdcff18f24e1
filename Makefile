# `make demo` and the like, with ARGS="..." for what follows; `python3 tasks.py demo` where there is no make.
TASKS = setup demo test python panel hosts lint fix types bench calibrate_strength cost few_steps pages quality release \
	table1 train webui white_kept
.PHONY: $(TASKS)
$(TASKS):
	@python3 tasks.py $@ $(ARGS)
