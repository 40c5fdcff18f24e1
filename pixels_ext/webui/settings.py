"""The extension's settings on the host's settings page."""

from __future__ import annotations

import gradio as gr
from modules.shared import OptionInfo, opts

from pixels_ext.request.model import MOST_EXEMPLARS
from pixels_ext.vision.weights import DEPTH_MODEL, WORDS_MODEL

SECTION = ("pixels", "PIXELS")


def register() -> None:
    """Add the settings to the host's. Done at once, not in a callback: registering one takes the hosts 20 ms."""
    found_again = "then “Send to img2img” finds them again"
    place = "a folder in models/pixels, or its name on the hub"
    for name, default, label, info in (
        ("save_inputs", False, "Save the exemplars and edit maps of PIXELS edits beside the outputs", found_again),
        ("depth_model", DEPTH_MODEL, "Model for edit maps from depth", place),
        ("words_model", WORDS_MODEL, "Model for edit maps from words", place),
        ("download", False, "Let PIXELS fetch these models from the hub", "when they are asked for the first time"),
    ):
        opts.add_option(f"pixels_{name}", OptionInfo(default, label, section=SECTION).info(info))
    for name, usual, largest, label in (
        ("most_exemplars", MOST_EXEMPLARS, MOST_EXEMPLARS, "Most exemplars in one PIXELS request"),
        ("most_megapixels", 100, 1000, "Largest exemplar or edit map that PIXELS opens, in megapixels"),
    ):
        limits = {"minimum": 1, "maximum": largest, "step": 1}
        opts.add_option(f"pixels_{name}", OptionInfo(usual, label, gr.Slider, limits, section=SECTION))


def most_exemplars() -> int:
    """How many exemplars a request may have in this WebUI."""
    return int(opts.pixels_most_exemplars)


def most_pixels() -> int:
    """How many pixels an exemplar or a map may have in this WebUI."""
    return int(opts.pixels_most_megapixels * 1_000_000)
