"""Images as base64, as programs send them."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image


def as_text(image: Image.Image, kind: str = "PNG", **options: Any) -> str:
    """Base64 of a file of this kind, saved with Pillow's options."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return base64.b64encode(file.getvalue()).decode("ascii")
