"""The demo model and example pictures that come with the standalone app."""

from pathlib import Path

MODEL = Path(__file__).resolve().parent / "model"
"""A tiny latent diffusion model as a diffusers pipeline folder."""
PICTURES = Path(__file__).resolve().parent / "pictures"
"""Example photographs, scenes and edit maps; LICENCES.md in it names their authors."""
