"""The paper in tensors: latent surgery (Algorithms 1 and 2), thresholds, noise schedules and Lemma 1.

Imports torch and nothing of a WebUI or of diffusers; images are `pixels_ext.imaging`.
"""
