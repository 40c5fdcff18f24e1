"""The paper in tensors: latent surgery (Algorithms 1 and 2), thresholds, noising, and Lemma 1. Knows no host and no images."""
