"""A script that has its own `p.sample`, which goes on to the sampler; and another that does its own sampling."""

from __future__ import annotations

from typing import Any

import gradio as gr
from modules import processing, scripts, sd_samplers


class Script(scripts.Script):
    def title(self) -> str:
        return "img2img alternative test"

    def show(self, is_img2img: bool) -> bool:
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Checkbox(False, label="A sampler of its own")]

    def run(self, p: Any, own_sampler: bool) -> processing.Processed:
        def sample(**_: Any) -> Any:
            p.extra_generation_params["Sampled by"] = self.title()
            sampler = sd_samplers.create_sampler(p.sampler_name, p.sd_model) if own_sampler else p.sampler
            return sampler.sample_img2img(p, p.init_latent, 0.5 * p.rng.next(), None, None)

        p.sample = sample
        return processing.process_images(p)
