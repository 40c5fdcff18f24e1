"""An always-on script in the manner of detailers: it generates each finished image once more, while the generation
that made it goes on, with a processing object of its own that has copies of all scripts and arguments."""

from __future__ import annotations

from copy import copy, deepcopy
from typing import Any

import gradio as gr
from modules import processing, scripts


class Script(scripts.Script):
    def title(self) -> str:
        return "Inner pass"

    def show(self, is_img2img: bool) -> Any:
        return scripts.AlwaysVisible if is_img2img else False

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Checkbox(False, label="Enable"), gr.Checkbox(False, label="Of the source")]

    def postprocess_image(self, p: Any, pp: Any, enabled: bool, of_source: bool) -> None:
        if not enabled or getattr(p, "_is_inner", False):
            return
        p.scripts.postprocess(copy(p), processing.Processed(p, [], p.seed))
        source = p.init_images[0] if of_source else pp.image
        inner = processing.StableDiffusionProcessingImg2Img(init_images=[source], width=p.width, height=p.height)
        inner.seed, inner.sampler_name, inner.steps = p.seed, p.sampler_name, p.steps
        inner.extra_generation_params = p.extra_generation_params
        inner.scripts, inner.script_args = copy(p.scripts), deepcopy(p.script_args)
        inner._is_inner = True
        pp.image = processing.process_images(inner).images[0]
        again = copy(p)
        p.scripts.before_process(again)
        p.scripts.process(again)
