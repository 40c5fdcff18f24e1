"""Exemplars and maps on the sampler's canvas: everything between a processing object `p` and surgery's tensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from modules import devices, images, shared
from modules.sd_samplers_common import approximation_indexes, images_tensor_to_samples
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.release import ExemplarMaps, down_sample, source_release
from pixels_ext.edit.prepare import PreparedExemplar, prepare_exemplar
from pixels_ext.imaging.hash import image_hash
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.webui.model_state import preserve_model_state
from pixels_ext.webui.protocols import Model, Options, Processing
from pixels_ext.webui.resize_crop import JUST_RESIZE, LATENT_UPSCALE, RESIZE_AND_FILL, ResizeCrop

_options: Options = shared.opts


@dataclass(frozen=True)
class LatentExemplar:
    """An exemplar as surgery takes it: clean latent `[B or 1, C, ..., h, w]`, and its maps, float32 `[B or 1, 1, h, w]`
    on the CPU. `factor`: the autoencoder's scale factor, in pixels per latent cell."""

    latent: Tensor
    maps: ExemplarMaps
    factor: int

    def source_release(self, steps: int) -> Tensor:
        """The source's release times under this exemplar, `[B or 1, 1, h, w]`: 0 where it is placed."""
        return source_release(self.maps, steps)


class SourceCanvas:
    """One source of a run, and what the host does to it before encoding (`resize_crop`)."""

    def __init__(self, source: Image.Image, resize_crop: ResizeCrop) -> None:
        self._flat: Image.Image = images.flatten(source, _options.img2img_background_color)
        self.resize_crop = resize_crop

    @cached_property
    def digest(self) -> str:
        """Equal for sources that are equal to the host, whatever objects they are."""
        return image_hash(self._flat)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the source."""
        return self.resize_crop.source

    def prepare_exemplar(self, request: EditRequest, index: int, providers: MapProviders) -> PreparedExemplar:
        """Exemplar `index` on the source's own canvas. Raises `RequestError`."""
        return prepare_exemplar(request, index, self._flat, self._flat, providers)

    def resize_image(self, image: Image.Image) -> Image.Image:
        """An image of the source's size, cropped and resized as the host does it to the source before encoding it."""
        crop, mode, (width, height) = self.resize_crop.crop, self.resize_crop.mode, self.resize_crop.target
        if crop:
            left, top, crop_width, crop_height = crop
            image, mode = image.crop((left, top, left + crop_width, top + crop_height)), RESIZE_AND_FILL
        elif mode == LATENT_UPSCALE:
            return image
        resized: Image.Image = images.resize_image(mode, image, width, height)
        return resized

    def source_under_result(self, size: tuple[int, int], factor: int) -> tuple[Image.Image, ResizeCrop] | None:
        """The source as it would stand in a finished image of `size`, and what resizes maps to it: on the sampler's
        canvas or, if "Only masked" has pasted the result back, on its own. `None` if the image has another size.

        `factor`: the autoencoder's scale factor."""
        if self.resize_crop.crop and size == self._flat.size:
            return self._flat, ResizeCrop(size, None, JUST_RESIZE, size)
        if not _is_decoded_size(size, self.resize_crop.target, factor):
            return None
        if self.resize_crop.mode == LATENT_UPSCALE and not self.resize_crop.crop:
            stretch = ResizeCrop(self.resize_crop.source, None, JUST_RESIZE, size)
            return images.resize_image(JUST_RESIZE, self._flat, *size), stretch
        return self.resize_image(self._flat).crop((0, 0, *size)), self.resize_crop


def source_canvas(p: Processing, source: Image.Image) -> SourceCanvas:
    """The canvas of one source of `p`."""
    return SourceCanvas(source, ResizeCrop(source.size, _crop(p), p.resize_mode, (p.width, p.height)))


def source_canvases(p: Processing) -> list[SourceCanvas]:
    """The canvases of a run's sources; a single one if they are all equal: the Batch tab passes one image once for
    every index in the batch."""
    by_object = {id(source): source_canvas(p, source) for source in p.init_images}
    canvases = [by_object[id(source)] for source in p.init_images]
    return canvases[:1] if len(by_object) == 1 or len({canvas.digest for canvas in canvases}) == 1 else canvases


def _crop(p: Processing) -> tuple[int, int, int, int] | None:
    """The area of "Only masked". The hosts keep `paste_to` of the previous run if there is nothing to crop any more,
    as with a blank mask in the Batch tab."""
    return p.paste_to if p.paste_to and p.image_mask is not None and p.inpaint_full_res else None


def _is_decoded_size(size: tuple[int, int], target: tuple[int, int], factor: int) -> bool:
    """Whether a generation of `target` ends in an image of `size`. By API the sides may be any number, and the right
    and lower pixels that do not fill a latent cell are dropped."""
    return all(side in (wanted, wanted - wanted % factor) for side, wanted in zip(size, target, strict=True))


def encode_exemplar(
    model: Model, exemplars: list[tuple[SourceCanvas, PreparedExemplar]], like: Tensor
) -> LatentExemplar:
    """One exemplar of the request as a latent, for every source of a batch (usually one).

    `model`: the host's. `exemplars`: each source's canvas, and the exemplar on it. `like`: the host's own source
    latent, whose size and dtype the result has.
    """
    size = like.shape[-2], like.shape[-1]
    rgb = [canvas.resize_image(exemplar.image) for canvas, exemplar in exemplars]
    latent = encode_images(model, rgb)
    factor = min(rgb[0].height // latent.shape[-2], rgb[0].width // latent.shape[-1])
    # The right and lower pixels that do not fill a latent cell are dropped.
    height, width = latent.shape[-2] * factor, latent.shape[-1] * factor
    if tuple(latent.shape[-2:]) != size:  # "latent upscale", as the host does it to the source
        flat = latent.flatten(0, -3)[None]  # video models' latents have a dimension for time
        latent = interpolate(flat, size=size, mode="bilinear").reshape(*latent.shape[:-2], *size)

    def to_cells(canvas: SourceCanvas, values: Map) -> Tensor:
        cut = canvas.resize_crop.apply(values)[:height, :width].copy()
        return down_sample(torch.from_numpy(cut)[None, None], size)

    maps = [exemplar.maps(partial(to_cells, canvas)) for canvas, exemplar in exemplars]
    return LatentExemplar(latent.to(like), _stack(maps), factor)


def _stack(maps: list[ExemplarMaps]) -> ExemplarMaps:
    """The maps `[1, 1, h, w]` of one exemplar for every source as one batch."""
    limited = [each.limited_map for each in maps if each.limited_map is not None]
    edit_map = torch.cat([each.edit_map for each in maps])
    return replace(maps[0], edit_map=edit_map, limited_map=torch.cat(limited) if limited else None)


def encode_images(model: Model, rgb: list[Image.Image]) -> Tensor:
    """Images (RGB, of one size) as the host encodes its source: clean latents `[B, C, ..., h, w]`."""
    pixels = torch.from_numpy(np.stack([np.asarray(image) for image in rgb]))
    tensor = pixels.permute(0, 3, 1, 2).to(torch.float32) / 255
    approximation = approximation_indexes.get(_options.sd_vae_encode_method)
    with devices.autocast(), preserve_model_state(model):
        latents: Tensor = images_tensor_to_samples(tensor, approximation, model)
    return latents
