"""The strength that Lemma 1 asks for, measured with the host's own autoencoder before anything is generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from modules import scripts, sd_models, shared
from modules.api.api import decode_base64_to_image
from modules.call_queue import queue_lock
from PIL import Image

from pixels_ext.core.release import release_map
from pixels_ext.core.suggest_strength import MIN_SIGNAL, STRENGTHS, StrengthSuggestion, suggest_from_latents
from pixels_ext.edit.prepare import check_maps
from pixels_ext.errors import RequestError, describe, unknown_field
from pixels_ext.fields import Checked, Integer, declare, fields_of
from pixels_ext.imaging.images import flatten
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.webui.canvas import SourceCanvas, encode_exemplar, encode_images
from pixels_ext.webui.parse_request import read_request, read_source
from pixels_ext.webui.protocols import ForgeObjects, Model, Predictor
from pixels_ext.webui.resize_crop import JUST_RESIZE, ResizeCrop
from pixels_ext.webui.sampler_hook import sigma_noising
from pixels_ext.webui.vision_models import get_vision_models


@dataclass(frozen=True, kw_only=True)
class TabSettings(Checked):
    """The settings of the img2img tab that matter here, with the defaults of the host's API."""

    width: int = declare(Integer(label="Width", help="Of the result.", default=512, minimum=64, maximum=4096))
    height: int = declare(Integer(label="Height", help="Of the result.", default=512, minimum=64, maximum=4096))
    steps: int = declare(Integer(label="Steps", help="For the threshold log.", default=20, minimum=1, maximum=1000))


def suggest_strength(question: Mapping[str, Any]) -> dict[str, Any]:
    """The suggestion for an edit, as JSON values: `strength`, `reason` (a sentence), and the numbers it came from.

    `question`: `request`, `source` (base64 or data URL), and the fields of `TabSettings`. Waits until no generation
    runs. Raises `RequestError`, and what a model raises.
    """
    settings = sorted(name for name, _ in fields_of(TabSettings))
    known = ["request", "source", *settings]
    for name in question:
        if name not in known:
            raise unknown_field(name, known)
    tab = TabSettings(**{name: question[name] for name in settings if name in question})
    request = read_request(_required_field(question, "request", dict), decode_base64_to_image)
    source = flatten(read_source(_required_field(question, "source", str), decode_base64_to_image))
    with queue_lock, torch.no_grad():  # models need the device, which a generation may be using
        suggestion = _suggest(request, source, tab)
    distance, numbers = asdict(suggestion.distance), asdict(suggestion)
    del numbers["distance"]
    return {**numbers, **distance, "within_bound": suggestion.within_bound, "reason": str(suggestion)}


def _required_field(question: Mapping[str, Any], name: str, kind: type) -> Any:
    value = question.get(name)
    if not isinstance(value, kind):
        expected = "a PIXELS request, an object" if kind is dict else "the source image as base64 or data URL"
        raise RequestError(name, "is missing" if value is None else describe(value), expected)
    return value


def _suggest(request: EditRequest, source: Image.Image, tab: TabSettings) -> StrengthSuggestion:
    model = _model()
    providers = MapProviders(vision=get_vision_models(scripts.scripts_img2img))
    check_maps(request, source.size, providers)
    canvas = SourceCanvas(source, ResizeCrop(source.size, None, JUST_RESIZE, (tab.width, tab.height)))
    init_latent = encode_images(model, [canvas.resize_image(source)])

    exemplars = [
        encode_exemplar(model, [(canvas, canvas.prepare_exemplar(request, index, providers))], init_latent)
        for index in range(len(request.exemplars))
    ]
    pairs = [(each.latent, each.source_release(tab.steps).to(init_latent.device)) for each in exemplars]
    release = release_map([each.maps for each in exemplars], tab.steps).to(init_latent.device)
    return suggest_from_latents(init_latent, pairs, _start_noise_ratios(model), release)


def _model() -> Model:
    """The model that a generation would use now. The Forge family loads it with the first generation."""
    reload = getattr(sd_models, "forge_model_reload", None)
    model: Model = reload()[0] if reload else shared.sd_model
    return model


def _start_noise_ratios(model: Model) -> Iterator[tuple[float, float]]:
    """Every strength, with the ratio of noise to image at which a run of it begins, if noise levels are spaced evenly
    over the model's own."""
    predictor = _predictor(model)
    levels = predictor.sigmas.tolist() if predictor else [((1 - a) / a) ** 0.5 for a in model.alphas_cumprod.tolist()]
    scales = sigma_noising(predictor, model)
    for strength in STRENGTHS:
        signal, noise = scales(levels[round(strength * (len(levels) - 1))])
        yield strength, noise / max(signal, MIN_SIGNAL)


def _predictor(model: Model) -> Predictor | None:
    objects: ForgeObjects | None = getattr(model, "forge_objects", None)
    return objects.unet.model.predictor if objects else None
