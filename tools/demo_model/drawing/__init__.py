"""Landscapes drawn from a seed, with captions: the bulk of the training pictures, the project's own and without end."""
