"""The strength that Lemma 1 asks for, measured with the host's own autoencoder before anything is generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

import torch
from modules import scripts, sd_models, shared
from modules.api.api import decode_base64_to_image
from modules.call_queue import queue_lock
from PIL import Image
from torch import Tensor

from pixels_ext.core.suggest import LEAST_SIGNAL, STRENGTHS, Suggestion, suggest_strength
from pixels_ext.edit.prepare import check_maps
from pixels_ext.errors import RequestError, describe, unknown_field
from pixels_ext.fields import Checked, Integer, declare, fields_of
from pixels_ext.imaging.images import flatten
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.webui.canvas import SourceCanvas, as_latent, encoded
from pixels_ext.webui.geometry import JUST_RESIZE
from pixels_ext.webui.request_reading import read_request, read_source
from pixels_ext.webui.sampler_hook import noising_by
from pixels_ext.webui.vision import seeing


@dataclass(frozen=True, kw_only=True)
class AtWork(Checked):
    """What the img2img tab says besides the pictures, with the defaults of the host's API."""

    width: int = declare(Integer(label="Width", help="Of the result.", default=512, minimum=64, maximum=4096))
    height: int = declare(Integer(label="Height", help="Of the result.", default=512, minimum=64, maximum=4096))
    steps: int = declare(Integer(label="Steps", help="For the threshold log.", default=20, minimum=1, maximum=1000))


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The suggestion for an edit, as JSON values: `strength`, `reason` (a sentence), and the numbers it came from.

    `question`: `request`, `source` (base64 or data URL), and the fields of `AtWork`. Waits until no generation runs.
    Raises `RequestError`, and what a model raises.
    """
    settings = sorted(name for name, _ in fields_of(AtWork))
    known = ["request", "source", *settings]
    for name in question:
        if name not in known:
            raise unknown_field(name, known)
    work = AtWork(**{name: question[name] for name in settings if name in question})
    request = read_request(_given(question, "request", dict), decode_base64_to_image)
    source = flatten(read_source(_given(question, "source", str), decode_base64_to_image))
    with queue_lock, torch.no_grad():  # models take the device, which a generation may have
        suggestion = _suggested(request, source, work)
    measured, numbers = asdict(suggestion.measured), asdict(suggestion)
    del numbers["measured"]
    return {**numbers, **measured, "enough": suggestion.enough, "reason": str(suggestion)}


def _given(question: Mapping[str, Any], name: str, kind: type) -> Any:
    value = question.get(name)
    if not isinstance(value, kind):
        expected = "a PIXELS request, an object" if kind is dict else "the source picture as base64 or data URL"
        raise RequestError(name, "is missing" if value is None else describe(value), expected)
    return value


def _suggested(request: EditRequest, source: Image.Image, work: AtWork) -> Suggestion:
    model = _model()
    # What a canvas asks of a processing object; there is none before a generation.
    p = SimpleNamespace(paste_to=None, resize_mode=JUST_RESIZE, width=work.width, height=work.height)
    means = MapProviders(vision=seeing(scripts.scripts_img2img))
    check_maps(request, source.size, means)
    canvas = SourceCanvas(p, source)
    init_latent = as_latent(model, [canvas.routed(source)])

    def pairs() -> Iterator[tuple[Tensor, Tensor]]:
        for index in range(len(request.exemplars)):
            exemplar = encoded(model, [(canvas, canvas.prepare_exemplar(request, index, means))], init_latent)
            yield exemplar.latent, exemplar.release(work.steps).to(init_latent.device)

    return suggest_strength(init_latent, pairs(), _starts(model))


def _model() -> Any:
    """The model that a generation would use now. The Forge family loads it with the first generation."""
    reload = getattr(sd_models, "forge_model_reload", None)
    return reload()[0] if reload else shared.sd_model


def _starts(model: Any) -> Iterator[tuple[float, float]]:
    """Every strength, with the noise over the picture that a run begins with when noise levels are spaced evenly over
    the model's own."""
    predictor = _predictor(model)
    levels = predictor.sigmas.tolist() if predictor else [((1 - a) / a) ** 0.5 for a in model.alphas_cumprod.tolist()]
    scales = noising_by(predictor, model)
    for strength in STRENGTHS:
        signal, noise = scales(levels[round(strength * (len(levels) - 1))])
        yield strength, noise / max(signal, LEAST_SIGNAL)


def _predictor(model: Any) -> Any:
    objects = getattr(model, "forge_objects", None)
    return objects.unet.model.predictor if objects else None
