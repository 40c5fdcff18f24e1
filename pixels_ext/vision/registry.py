"""The table of vision models. A new kind is a new file beside this one, and a new entry here."""

from __future__ import annotations

from pixels_ext.vision.depth import DEPTH
from pixels_ext.vision.model_kind import ModelKind
from pixels_ext.vision.text import TEXT

MODEL_KINDS: dict[str, ModelKind] = {kind.name: kind for kind in (DEPTH, TEXT)}
