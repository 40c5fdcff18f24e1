"""The mask of the hosts' Inpaint tabs as an edit map, and the mask that the host gets instead."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageOps

from pixels_ext.imaging.images import alpha_channel, as_rgba, map_to_image
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.imaging.restore_source import restore_weight
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import map_specs
from pixels_ext.webui.protocols import Processing

_ORIGINAL = 1
"""The hosts' number for "Masked content: original"."""
_CHANGED = ("image_mask", "inpainting_mask_invert", "mask_blur", "mask_blur_x", "mask_blur_y", "inpainting_fill")
_FOLLOWING = ("mask_blur_x", "mask_blur_y")
"""In Forge Neo these cannot be set, but follow `mask_blur`."""


def uses_inpaint_mask(request: EditRequest) -> bool:
    """Whether any map of the request is made from the inpaint mask."""
    return any(each.uses_inpaint_mask for exemplar in request.exemplars for each in map_specs(exemplar))


def read_inpaint_mask(p: Processing) -> Image.Image | None:
    """The mask as the hosts read it, but with gray levels: white = painted, after "inpaint not masked" and mask blur;
    `None` if there is none."""
    if p.image_mask is None:
        return None
    mask = as_rgba(p.image_mask)
    # The hosts count an RGBA mask with any transparency by that alone, and see no transparency in other kinds.
    by_alpha = p.image_mask.mode == "RGBA" and alpha_channel(mask).min() < 1
    gray = mask.getchannel("A") if by_alpha else mask.convert("L")
    if p.inpainting_mask_invert:
        gray = ImageOps.invert(gray)
    pixels = np.asarray(gray)
    for sigma, shape in ((p.mask_blur_x, lambda reach: (reach, 1)), (p.mask_blur_y, lambda reach: (1, reach))):
        if sigma > 0:
            pixels = cv2.GaussianBlur(pixels, shape(2 * int(2.5 * sigma + 0.5) + 1), sigma)
    return Image.fromarray(pixels)


class InpaintMaskOverride:
    """The mask that the host gets while its own is our edit map: until the host has read it, when a run begins.

    The host would binarize its own, keep the latent outside of it, and paste the source over the image outside of it,
    blended where the mask is gray. Instead it gets a mask of everything that an edit changes, soft towards white: so
    "Only masked" finds its area, white keeps the source's own pixels, and inside, the edit map decides.
    """

    def __init__(self, p: Processing) -> None:
        self._before = {name: getattr(p, name) for name in _CHANGED}
        self._ours: Image.Image | None = None

    def replace(self, p: Processing, release: Map) -> None:
        """Give `p` the mask that belongs to `release` `[H, W]`, the release times over its source."""
        parameters = p.extra_generation_params
        if p.inpainting_mask_invert:
            parameters["Mask mode"] = "Inpaint not masked"  # the host writes it when it inverts the mask
        if p.mask_blur_x > 0 or p.mask_blur_y > 0:
            parameters["Mask blur"] = p.mask_blur
        p.image_mask = self._ours = map_to_image(1 - restore_weight(release))
        p.inpainting_mask_invert = 0
        p.mask_blur = 0  # both directions, in every host
        p.inpainting_fill = _ORIGINAL

    def restore(self, p: Processing) -> None:
        """Restore the mask of `p`, or of a copy of it, unless another extension has set a mask since."""
        if p.image_mask is not self._ours:
            return
        for name, value in self._before.items():
            if name not in _FOLLOWING or getattr(p, name) != value:
                setattr(p, name, value)
