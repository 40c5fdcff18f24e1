"""What an edit costs over plain img2img of the same model, sampler and steps: `make cost`. It is not a test."""
