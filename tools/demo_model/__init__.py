"""How the demo model is made: drawn pictures, training, measurement. `PYTHONPATH=tools python -m demo_model --help`.

`chain` runs the stages: `scenes` (with `drawing`), `autoencoder` (from `linear_start`), `whiten`, `latents`, `denoiser`
(with `text`), `decoder` (with `losses`), `export`, `evaluate` (with `measure` and `sheets`). `stage` keeps clock and
state of each, `machine` says what a CPU and a GPU are given, `crops` and `photographs` are the data, `optimizers` what
trains. Apart stands `examples`, which draws the pictures that are shipped.
"""
