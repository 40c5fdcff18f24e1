"""How the demo model was made: its procedural pictures, its training and its measurement.

The order: dataset, autoencoder, whiten, decoder, strip, decoder again, denoiser, export, evaluate. Apart from it stands
examples, which draws the shipped pictures.
"""
