"""The bundled demo model and example images."""

from pathlib import Path

MODEL = Path(__file__).resolve().parent / "model"
"""A tiny latent diffusion model, as a diffusers pipeline folder."""
IMAGES = Path(__file__).resolve().parent / "images"
"""Example photographs, scenes and edit maps. LICENCES.md in this folder names their authors."""
