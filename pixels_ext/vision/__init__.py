"""Vision models for generated maps (depth, text-driven segmentation), run with transformers. Knows no host: the WebUI
part and the command line decide where model files are, on which device models run, and whether they stay in memory."""

from pixels_ext.vision.locations import ModelLocations
from pixels_ext.vision.registry import MODEL_KINDS
from pixels_ext.vision.vision_models import VisionModels

__all__ = ["MODEL_KINDS", "ModelLocations", "VisionModels"]
