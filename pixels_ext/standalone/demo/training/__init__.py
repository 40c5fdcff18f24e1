"""How the demo model was made: its procedural pictures, its training and its measurement.

The order: dataset, autoencoder, whiten, decoder, denoiser, export, evaluate. Apart: examples draws shipped pictures.
"""
