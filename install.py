"""Run by the WebUI before it starts. Nothing is installed: what the extension needs is part of every WebUI."""

import importlib.util

for package in ("torch", "numpy", "PIL", "cv2", "gradio"):
    if importlib.util.find_spec(package) is None:
        print(f"PIXELS: the package {package} is missing, expected one that the WebUI itself brings along.")
