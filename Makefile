# `make demo` and the like, with ARGS="..." for what follows; `python3 tasks.py demo` where there is no make.
TASKS = setup demo test python panel hosts lint bench calibrate_strength cost few_steps pages quality table1 \
	tiny_checkpoint train white_kept
.PHONY: $(TASKS)
$(TASKS):
	@python3 tasks.py $@ $(ARGS)
