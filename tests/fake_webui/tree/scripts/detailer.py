"""An always-on script in the manner of many extensions: it makes a copy of `p` generate once more."""

from __future__ import annotations

from copy import copy
from typing import Any

import gradio as gr
from modules import processing, scripts


class Script(scripts.Script):
    def title(self) -> str:
        return "Detailer"

    def show(self, is_img2img: bool) -> Any:
        return scripts.AlwaysVisible if is_img2img else False

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Checkbox(False, label="Enable"), gr.Textbox("", label="Kept text")]

    def postprocess(self, p: Any, processed: Any, enabled: bool, text: str) -> None:
        if not enabled or getattr(p, "_is_detail", False):
            return
        detail = copy(p)
        detail._is_detail = True
        detail.init_images = [processed.images[0]]
        processed.images += processing.process_images(detail).images
