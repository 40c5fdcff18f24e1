"""Where the host keeps its files. The models' folder does not exist: the fake WebUI has no models."""

from pathlib import Path

models_path = str(Path(__file__).parent / "no-models")
