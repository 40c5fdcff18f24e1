"""Exemplars and maps on the sampler's canvas: everything between a processing object `p` and surgery's tensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from modules import devices, images
from modules.sd_samplers_common import approximation_indexes, images_tensor_to_samples
from modules.shared import opts
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.release import down_sample
from pixels_ext.core.thresholds import release_time
from pixels_ext.edit.prepare import PreparedExemplar, prepared
from pixels_ext.maps import Means
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import picture_hash
from pixels_ext.webui.model_state import preserve_model_state
from pixels_ext.webui.protocols import Model, Processing
from pixels_ext.webui.resize_crop import JUST_RESIZE, LATENT_UPSCALE, RESIZE_AND_FILL, ResizeCrop


@dataclass(frozen=True)
class LatentExemplar:
    """An exemplar as surgery takes it: clean latent `[B or 1, C, ..., h, w]`, edit map float32 `[B or 1, 1, h, w]` on
    the CPU, threshold by name. `factor`: pixels to a side of a latent's place, in the autoencoder."""

    latent: Tensor
    edit_map: Tensor
    threshold: str
    factor: int

    def release(self, steps: int) -> Tensor:
        """Release map `[B or 1, 1, h, w]`."""
        return release_time(self.edit_map, self.threshold, steps)


class SourceCanvas:
    """One source picture of a run of `p`, and what is laid on it."""

    def __init__(self, p: Processing, source: Image.Image) -> None:
        self._flat = images.flatten(source, opts.img2img_background_color)
        self.resize_crop = ResizeCrop(source.size, _crop(p), p.resize_mode, (p.width, p.height))

    @cached_property
    def digest(self) -> str:
        """The same for sources that are the same to the host, whatever objects they are."""
        return picture_hash(self._flat)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the source."""
        return self.resize_crop.source

    def prepare_exemplar(self, request: EditRequest, index: int, means: Means) -> PreparedExemplar:
        """Exemplar `index` on the source's own canvas. Raises `RequestError`."""
        return prepared(request, index, self._flat, self._flat, means)

    def resize_image(self, picture: Image.Image) -> Image.Image:
        """A picture of the source's size, taken where the host takes the source before encoding it."""
        resize_crop, (width, height) = self.resize_crop, self.resize_crop.target
        if resize_crop.crop:
            left, top, across, down = resize_crop.crop
            cropped = picture.crop((left, top, left + across, top + down))
            return images.resize_image(RESIZE_AND_FILL, cropped, width, height)
        return (
            picture
            if resize_crop.mode == LATENT_UPSCALE
            else images.resize_image(resize_crop.mode, picture, width, height)
        )

    def source_under_result(self, size: tuple[int, int], factor: int) -> tuple[Image.Image, ResizeCrop] | None:
        """The source as it would stand in a finished picture of `size`, and the way of maps to there: on the sampler's
        canvas or, pasted back by "Only masked", on its own. `None` when the host made something else of it.

        `factor`: pixels to a side of a latent's place."""
        if self.resize_crop.crop and size == self._flat.size:
            return self._flat, ResizeCrop(size, None, JUST_RESIZE, size)
        if not _is_decoded_size(size, self.resize_crop.target, factor):
            return None
        if self.resize_crop.mode == LATENT_UPSCALE and not self.resize_crop.crop:
            whole = ResizeCrop(self.resize_crop.source, None, JUST_RESIZE, size)
            return images.resize_image(JUST_RESIZE, self._flat, *size), whole
        return self.resize_image(self._flat).crop((0, 0, *size)), self.resize_crop


def source_canvases(p: Processing) -> list[SourceCanvas]:
    """The canvases of a run's sources; a single one if they are all the same, as the Batch tab hands one picture over
    for every place in the batch."""
    by_object = {id(source): SourceCanvas(p, source) for source in p.init_images}
    canvases = [by_object[id(source)] for source in p.init_images]
    return canvases[:1] if len(by_object) == 1 or len({canvas.digest for canvas in canvases}) == 1 else canvases


def _crop(p: Processing) -> tuple[int, int, int, int] | None:
    """Where "Only masked" has cut. The hosts keep `paste_to` of the run before when there is nothing to cut any more,
    as with a blank mask in the Batch tab."""
    return p.paste_to if p.paste_to and p.image_mask is not None and p.inpaint_full_res else None


def _is_decoded_size(size: tuple[int, int], target: tuple[int, int], factor: int) -> bool:
    """Whether a generation of `target` ends in a picture of `size`. By API the sides may be any number, and the right
    and lower pixels that fill no whole place of the latent are left out."""
    return all(side in (wanted, wanted - wanted % factor) for side, wanted in zip(size, target, strict=True))


def encode_exemplar(
    model: Model, exemplars: list[tuple[SourceCanvas, PreparedExemplar]], like: Tensor
) -> LatentExemplar:
    """One exemplar of the request as latent, for every source of a batch (usually one).

    `model`: the host's. `exemplars`: each source's canvas, and the exemplar on it. `like`: the host's own source
    latent, which says at what size the model works.
    """
    size = like.shape[-2], like.shape[-1]
    pictures = [canvas.resize_image(exemplar.picture) for canvas, exemplar in exemplars]
    latent = encode_images(model, pictures)
    factor = min(pictures[0].height // latent.shape[-2], pictures[0].width // latent.shape[-1])
    # The right and lower pixels that fill no whole place are left out.
    height, width = latent.shape[-2] * factor, latent.shape[-1] * factor
    if tuple(latent.shape[-2:]) != size:  # "latent upscale", as the host does it to the source
        flat = latent.flatten(0, -3)[None]  # video models' latents have a dimension for time
        latent = interpolate(flat, size=size, mode="bilinear").reshape(*latent.shape[:-2], *size)
    maps = [canvas.resize_crop.apply(exemplar.edit_map)[:height, :width].copy() for canvas, exemplar in exemplars]
    edit_map = torch.cat([down_sample(torch.from_numpy(values)[None, None], size) for values in maps])
    return LatentExemplar(latent.to(like), edit_map, exemplars[0][1].threshold, factor)


def encode_images(model: Model, pictures: list[Image.Image]) -> Tensor:
    """Pictures (RGB, of one size) as the host encodes its source: clean latents `[B, C, ..., h, w]`."""
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures]))
    tensor = pixels.permute(0, 3, 1, 2).to(torch.float32) / 255
    with devices.autocast(), preserve_model_state(model):
        return images_tensor_to_samples(tensor, approximation_indexes.get(opts.sd_vae_encode_method), model)
