"""PIXELS inside AUTOMATIC1111's stable-diffusion-webui and the Forge family: everything that imports `modules`."""
