"""The extension's settings on the host's settings page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import gradio as gr
from modules import shared

from pixels_ext.errors import RequestError
from pixels_ext.fields import Boolean, Field, Integer, Number, Text
from pixels_ext.request.edit_request import MAX_EXEMPLARS
from pixels_ext.vision import MODEL_KINDS
from pixels_ext.webui.messages import continue_on_error
from pixels_ext.webui.protocols import OptionInfo, Options, Processing

SECTION = ("pixels", "PIXELS")


def model_setting(kind: str) -> str:
    """The name of the setting that chooses the vision model of this kind."""
    return f"pixels_{kind}_model"


_MODELS: Mapping[str, Field] = {
    model_setting(name): Text(
        label=f"Model for edit maps from {name}",
        help="a folder in models/pixels, or its name on the Hugging Face hub",
        default=kind.default,
    )
    for name, kind in MODEL_KINDS.items()
}
_FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "pixels_save_inputs": Boolean(
            label="Save the exemplars and edit maps of PIXELS edits beside the outputs",
            help="then “Send to img2img” finds them again",
            default=False,
        ),
        **_MODELS,
        "pixels_download": Boolean(
            label="Let PIXELS download these models from the Hugging Face hub",
            help="when they are first used",
            default=False,
        ),
        "pixels_max_exemplars": Integer(
            label="Maximum number of exemplars in a PIXELS request",
            help="",
            default=MAX_EXEMPLARS,
            minimum=1,
            maximum=MAX_EXEMPLARS,
        ),
        "pixels_max_megapixels": Number(
            label="Largest exemplar or edit map that PIXELS opens, in megapixels",
            help="",
            default=100,
            minimum=1,
            maximum=1000,
            step=1,
        ),
    }
)


def register() -> None:
    """Add the settings to the host's. At once, not in a callback: to register one takes the hosts 20 ms."""
    options: Options = shared.opts
    for name, field in _FIELDS.items():
        with continue_on_error(f"the setting {field.label!r} cannot be added to the settings page"):
            options.add_option(name, _option(field))


def _option(field: Field) -> OptionInfo:
    if isinstance(field, Number):
        limits = {"minimum": field.minimum, "maximum": field.maximum, "step": field.step}
        option: OptionInfo = shared.OptionInfo(field.default, field.label, gr.Slider, limits, section=SECTION)
        return option
    option = shared.OptionInfo(field.default, field.label, section=SECTION)
    return option.info(field.help)


def saves_inputs(p: Processing) -> bool:
    """Whether the images of `p`'s request are to be saved. Raises `RequestError`."""
    return bool(_check_setting("pixels_save_inputs", p))


@dataclass(frozen=True)
class Limits:
    """The most exemplars of a request, and the most pixels of each of its images."""

    exemplars: int
    pixels: int


def limits(p: Processing | None = None) -> Limits:
    """The limits for a request of `p`, or of the page. Raises `RequestError`."""
    megapixels = _check_setting("pixels_max_megapixels", p)
    return Limits(exemplars=_check_setting("pixels_max_exemplars", p), pixels=int(megapixels * 1_000_000))


def setting(name: str, p: Processing | None = None) -> tuple[Any, str]:
    """The value of one of our settings, of whatever type, and where it was found. For `p`, `override_settings` come
    first: the hosts apply them to their options only after `before_process`, and after a script's `run` has begun."""
    overridden = getattr(p, "override_settings", None)
    if isinstance(overridden, Mapping) and name in overridden:
        return overridden[name], "override_settings"
    return getattr(shared.opts, name, _FIELDS[name].default), "settings"


def _check_setting(name: str, p: Processing | None) -> Any:
    value, where = setting(name, p)
    field = _FIELDS[name]
    if isinstance(field, Integer) and isinstance(value, float) and value.is_integer():  # from a slider
        value = int(value)
    try:
        return field.check(value)
    except RequestError as error:
        raise error.within(f"{where}.{name}") from None
