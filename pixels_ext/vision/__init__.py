"""Models that understand pictures, for maps from depth and from words, through transformers. Knows no host: a WebUI and
the command line say where the models lie, on which device they run, and whether they stay in memory."""

from pixels_ext.vision.locations import DEPTH_MODEL, WORDS_MODEL, ModelLocations
from pixels_ext.vision.vision_models import VisionModels

__all__ = ["DEPTH_MODEL", "WORDS_MODEL", "VisionModels", "ModelLocations"]
