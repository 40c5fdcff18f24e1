"""How the demo model was made: its procedural pictures, its training and its measurement.

The order: dataset, autoencoder, whiten, decoder, strip, decoder again, denoiser, export, evaluate. Apart: examples draws
the shipped pictures.
"""
