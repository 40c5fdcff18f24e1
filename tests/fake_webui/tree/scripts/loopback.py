"""Each result becomes the next source; the same `p` is used again and again."""

from __future__ import annotations

from typing import Any

import gradio as gr
from modules import processing, scripts
from modules.shared import state


class Script(scripts.Script):
    def title(self) -> str:
        return "Loopback"

    def show(self, is_img2img: bool) -> bool:
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Number(2, label="Loops")]

    def run(self, p: Any, loops: int) -> processing.Processed:
        p.extra_generation_params = {"Loops": loops}
        results, infotexts = [], []
        for _ in range(int(loops)):
            processed = processing.process_images(p)
            if state.interrupted:
                break
            p.seed += 1
            p.init_images = [processed.images[0]]
            results += processed.images
            infotexts += processed.infotexts
        return processing.Processed(p, results, p.seed, infotexts=infotexts)
