"""The demo model and example pictures that come along."""

from pathlib import Path

MODEL = Path(__file__).resolve().parent / "model"
"""A tiny latent diffusion model as a diffusers pipeline folder."""
IMAGES = Path(__file__).resolve().parent / "images"
"""Example photographs, scenes and edit maps; LICENCES.md in it names their authors."""
