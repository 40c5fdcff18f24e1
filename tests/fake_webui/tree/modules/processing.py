"""One img2img from its images to its results, in the order of the hosts and under their names."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from modules import devices, images, rng, sd_samplers, shared
from modules import scripts as host_scripts
from modules.sd_samplers_common import approximation_indexes, images_tensor_to_samples
from modules.shared import opts, state


class StableDiffusionProcessingImg2Img:
    """The arguments of a generation, and its state."""

    def __init__(self, **fields: Any) -> None:
        self.prompt, self.negative_prompt = "", ""
        self.seed, self.subseed, self.subseed_strength = 1, 1, 0.0
        self.seed_resize_from_h = self.seed_resize_from_w = 0
        self.sampler_name, self.steps, self.cfg_scale = "Euler", 6, 1.0
        self.denoising_strength, self.resize_mode = 0.8, 0
        self.width = self.height = 64
        self.batch_size = self.n_iter = 1
        self.init_images: list[Image.Image] = []
        self.image_mask: Image.Image | None = None
        self.inpaint_full_res, self.inpaint_full_res_padding = True, 8
        self.inpainting_mask_invert, self.inpainting_fill = 0, 1
        self.mask_blur_x = self.mask_blur_y = 0
        self.initial_noise_multiplier = 1.0
        self.do_not_save_samples = False
        self.refiner_checkpoint_info: Any = None
        self.override_settings: dict[str, Any] = {}
        self.override_settings_restore_afterwards = True
        for name, value in fields.items():
            if not hasattr(self, name):
                raise TypeError(f"no such field: {name}")
            setattr(self, name, value)
        self.extra_generation_params: dict[str, Any] = {}
        self.comments: dict[str, int] = {}
        self.scripts: Any = None
        self.script_args: Any = {}
        self.mask = self.nmask = self.paste_to = self.init_latent = None
        self.sampler = self.rng = self.overlay_images = None
        self.seeds: list[int] = []
        self.subseeds: list[int] = []
        self.prompts: list[str] = []
        self.iteration = self.batch_index = 0

    def close(self) -> None:
        """What the hosts release at the end of their own generations; scripts that copy `p` do not call it."""
        self.sampler = None

    @property
    def sd_model(self) -> Any:
        return shared.sd_model

    def comment(self, text: str) -> None:
        self.comments[text] = 1

    def save_samples(self) -> bool:
        return opts.samples_save and not self.do_not_save_samples

    def init(self, all_prompts: list[str], all_seeds: list[int], all_subseeds: list[int]) -> None:
        self.sampler = sd_samplers.create_sampler(self.sampler_name, self.sd_model)
        mask = self._own_mask()
        crop = self._crop(mask)
        if mask is not None and not crop and self.inpaint_full_res:  # a blank mask, from here on
            mask, self.inpaint_full_res = None, False
        arrays = []
        self.overlay_images = [] if mask else None
        for given in self.init_images:
            image = images.flatten(given, opts.img2img_background_color)
            if crop is None and self.resize_mode != 3:
                image = images.resize_image(self.resize_mode, image, self.width, self.height)
            if self.overlay_images is not None:
                self.overlay_images.append(_overlay(image, mask))
            if crop:
                image = images.resize_image(2, image.crop(crop), self.width, self.height)
            if mask is not None and self.inpainting_fill == 0:
                image = Image.new("RGB", image.size, "gray")
            arrays.append(np.asarray(image, dtype=np.float32).transpose(2, 0, 1) / 255)
        if len(arrays) == 1:
            arrays *= self.batch_size
            self.overlay_images = (self.overlay_images or []) * self.batch_size or None
        self.batch_size = len(arrays)
        approximation = approximation_indexes.get(opts.sd_vae_encode_method)
        self.init_latent = images_tensor_to_samples(torch.from_numpy(np.stack(arrays)), approximation, shared.sd_model)
        size = self.height // self.sd_model.factor, self.width // self.sd_model.factor
        if self.resize_mode == 3:
            frames = self.init_latent.ndim == 5
            flat = self.init_latent[:, :, 0] if frames else self.init_latent
            flat = torch.nn.functional.interpolate(flat, size=size, mode="bilinear")
            self.init_latent = flat[:, :, None] if frames else flat
        self.mask = self.nmask = None
        if mask is not None:
            mask = mask.crop(crop) if crop else mask
            small = np.asarray(mask.resize((size[1], size[0]), Image.Resampling.BOX), dtype=np.float32) / 255
            self.nmask = torch.from_numpy(small.round())
            self.mask = 1 - self.nmask

    @property
    def mask_blur(self) -> int | None:
        return self.mask_blur_x if self.mask_blur_x == self.mask_blur_y else None

    @mask_blur.setter
    def mask_blur(self, value: int | None) -> None:
        if isinstance(value, int):
            self.mask_blur_x = self.mask_blur_y = value

    def _own_mask(self) -> Image.Image | None:
        """The gray mask, inverted if wanted, and blurred."""
        if self.image_mask is None:
            return None
        mask = self.image_mask
        transparent = mask.mode == "RGBA" and mask.getextrema()[-1] != (255, 255)
        mask = mask.getchannel("A").point(lambda value: 255 * (value > 128)) if transparent else mask.convert("L")
        if self.inpainting_mask_invert:
            mask = ImageOps.invert(mask)
            self.extra_generation_params["Mask mode"] = "Inpaint not masked"
        if self.mask_blur_x > 0 or self.mask_blur_y > 0:
            mask = _blur(mask, self.mask_blur_x, self.mask_blur_y)
            self.extra_generation_params["Mask blur"] = self.mask_blur
        return mask

    def _crop(self, mask: Image.Image | None) -> tuple[int, int, int, int] | None:
        """ "Only masked": the mask's box with its padding, grown to the aspect of the generation. Without one
        `paste_to` stays as it was."""
        box = mask.getbbox() if mask is not None and self.inpaint_full_res else None
        if mask is None or box is None:
            return None
        width, height = mask.size
        left, top, right, bottom = box
        pad = self.inpaint_full_res_padding
        left, top, right, bottom = (
            max(0, left - pad),
            max(0, top - pad),
            min(width, right + pad),
            min(height, bottom + pad),
        )
        across = min(width, max(right - left, (bottom - top) * self.width // self.height))
        down = min(height, max(bottom - top, (right - left) * self.height // self.width))
        left = min(max(0, (left + right - across) // 2), width - across)
        top = min(max(0, (top + bottom - down) // 2), height - down)
        self.paste_to = left, top, across, down
        return left, top, left + across, top + down

    def sample(
        self,
        conditioning: Any,
        unconditional_conditioning: Any,
        seeds: list[int],
        subseeds: list[int],
        subseed_strength: float,
        prompts: list[str],
    ) -> Tensor:
        noise = self.rng.next() * self.initial_noise_multiplier
        samples = self.sampler.sample_img2img(
            self, self.init_latent, noise, conditioning, unconditional_conditioning, image_conditioning=None
        )
        if self.mask is not None:
            samples = samples * self.nmask + self.init_latent * self.mask
        return samples


def _blur(mask: Image.Image, across: int, down: int) -> Image.Image:
    """Each direction by itself, out to 2.5 sigma, as the hosts do; Pillow 9.5 cannot."""
    pixels = np.asarray(mask)
    if across > 0:
        pixels = cv2.GaussianBlur(pixels, (2 * int(2.5 * across + 0.5) + 1, 1), across)
    if down > 0:
        pixels = cv2.GaussianBlur(pixels, (1, 2 * int(2.5 * down + 0.5) + 1), down)
    return Image.fromarray(pixels)


def _overlay(image: Image.Image, mask: Image.Image) -> Image.Image:
    """What is pasted over the result: the source, transparent where the mask is."""
    overlay = image.convert("RGBA")
    overlay.putalpha(ImageOps.invert(mask.resize(image.size)))
    return overlay


class Processed:
    def __init__(
        self,
        p: Any,
        images_list: list[Image.Image],
        seed: int = -1,
        info: str = "",
        infotexts: list[str] | None = None,
    ) -> None:
        self.images, self.seed, self.info = images_list, seed, info
        self.infotexts = infotexts or [info] * len(images_list)
        self.extra_generation_params = p.extra_generation_params
        self.comments = "".join(f"{comment}\n" for comment in p.comments)
        self.batch_size = p.batch_size

    def infotext(self, p: Any, index: int) -> str:
        return create_infotext(p, self.seed + index)


def create_infotext(p: Any, seed: int) -> str:
    def quote(value: Any) -> str:
        text = str(value)
        return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ",\n:") else text

    fields = {"Steps": p.steps, "Sampler": p.sampler_name, "Seed": seed, **p.extra_generation_params}
    return f"{p.prompt}\n" + ", ".join(f"{name}: {quote(value)}" for name, value in fields.items())


def process_images(p: StableDiffusionProcessingImg2Img) -> Processed:
    if p.scripts is not None:
        p.scripts.before_process(p)
    before = {name: opts.data[name] for name in p.override_settings if name in opts.data}
    try:
        for name, value in p.override_settings.items():
            opts.set(name, value, is_api=True, run_callbacks=False)
        processed = _process_images(p)
    finally:
        if p.override_settings_restore_afterwards:
            for name, value in before.items():
                setattr(opts, name, value)
    return processed


def _process_images(p: StableDiffusionProcessingImg2Img) -> Processed:
    if p.scripts is not None:
        p.scripts.process(p)
    guard = torch.inference_mode if p.sd_model.predictor else torch.no_grad
    with guard(), devices.autocast():
        processed = _generate(p)
    if p.scripts is not None:
        p.scripts.postprocess(p, processed)
    return processed


def _generate(p: StableDiffusionProcessingImg2Img) -> Processed:
    count = p.batch_size * p.n_iter
    all_seeds, all_subseeds = ([seed + i for i in range(count)] for seed in (p.seed, p.subseed))
    p.init([p.prompt] * count, all_seeds, all_subseeds)
    results, infotexts = [], []
    if state.job_count == -1:
        state.job_count = p.n_iter
    for n in range(p.n_iter):
        p.iteration = n
        state.skipped = False
        if state.interrupted:
            break
        chosen = slice(n * p.batch_size, (n + 1) * p.batch_size)
        seeds, subseeds = all_seeds[chosen], all_subseeds[chosen]
        p.seeds, p.subseeds, p.prompts = seeds, subseeds, [p.prompt] * p.batch_size
        p.rng = rng.ImageRNG(
            _latent_shape(p), seeds, subseeds, p.subseed_strength, p.seed_resize_from_h, p.seed_resize_from_w
        )
        if p.scripts is not None:
            p.scripts.process_batch(p, batch_number=n, prompts=p.prompts, seeds=seeds, subseeds=subseeds)
        if n == 0:
            shared.params_txt = Processed(p, []).infotext(p, 0)
        samples = p.sample(
            conditioning=None,
            unconditional_conditioning=None,
            seeds=seeds,
            subseeds=subseeds,
            subseed_strength=p.subseed_strength,
            prompts=p.prompts,
        )
        batch = host_scripts.PostprocessBatchListArgs(list(p.sd_model.decode_first_stage(samples)))
        state.nextjob()
        if p.scripts is not None:
            p.scripts.postprocess_batch(p, batch.images, batch_number=n)
            p.scripts.postprocess_batch_list(p, batch, batch_number=n)
        for i, pixels in enumerate(batch.images):
            p.batch_index = i
            image = _finish(p, i, pixels)
            infotexts.append(create_infotext(p, p.seeds[i] if i < len(p.seeds) else -1))
            image.info["parameters"] = infotexts[-1]
            results.append(image)
    if not infotexts:
        infotexts.append(Processed(p, []).infotext(p, 0))
    return Processed(p, results, p.seed, infotexts[0], infotexts)


def _latent_shape(p: Any) -> tuple[int, ...]:
    model = p.sd_model
    return (model.latent_channels, *((1,) if model.frames else ()), p.height // model.factor, p.width // model.factor)


def _finish(p: Any, index: int, pixels: Tensor) -> Image.Image:
    values = ((pixels + 1) / 2).clamp(0, 1).permute(1, 2, 0).numpy()
    pp = host_scripts.PostprocessImageArgs(Image.fromarray((255 * values).astype(np.uint8)))
    if p.scripts is not None:
        p.scripts.postprocess_image(p, pp)
    if p.overlay_images and index < len(p.overlay_images):
        pp.image = _under(p.overlay_images[index], pp.image, p.paste_to)
    if p.scripts is not None:
        p.scripts.postprocess_image_after_composite(p, pp)
    return pp.image


def _under(overlay: Image.Image, image: Image.Image, paste_to: tuple[int, int, int, int] | None) -> Image.Image:
    below = Image.new("RGBA", overlay.size)
    if paste_to:
        left, top, width, height = paste_to
        below.paste(images.resize_image(1, image, width, height), (left, top))
    else:
        below.paste(image)
    return Image.alpha_composite(below, overlay).convert("RGB")
