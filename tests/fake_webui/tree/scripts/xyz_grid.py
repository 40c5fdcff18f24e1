"""X/Y plot: for each cell a copy of `p`, on which the axes set their values. A cell that fails is left empty."""

from __future__ import annotations

import csv
from collections.abc import Callable
from copy import copy
from typing import Any

import gradio as gr
from modules import errors, processing, scripts
from PIL import Image


class AxisOption:
    def __init__(
        self,
        label: str,
        type: type,  # noqa: A002
        apply: Callable[[Any, Any, Any], None],
        format_value: Callable[..., Any] | None = None,
        confirm: Callable[[Any, list[Any]], None] | None = None,
        cost: float = 0.0,
        choices: Callable[[], list[str]] | None = None,
        prepare: Callable[[str], list[str]] | None = None,
    ) -> None:
        self.label, self.type, self.apply, self.confirm, self.choices = label, type, apply, confirm, choices


class AxisOptionImg2Img(AxisOption):
    is_img2img = True


class AxisOptionTxt2Img(AxisOption):
    is_img2img = False


def _seed(p: Any, value: int, _: Any) -> None:
    p.seed = value


axis_options = [
    AxisOption("Nothing", str, lambda p, value, values: None),
    AxisOption("Seed", int, _seed),
    AxisOptionTxt2Img("Hires steps", int, lambda p, value, values: None),
]


class Script(scripts.Script):
    def title(self) -> str:
        return "X/Y/Z plot"

    def ui(self, is_img2img: bool) -> list[Any]:
        self.options = [one for one in axis_options if getattr(one, "is_img2img", is_img2img) == is_img2img]
        labels = [option.label for option in self.options]
        parts = []
        for axis in "XY":
            parts.append(gr.Dropdown(0, label=f"{axis} type", choices=labels, type="index"))
            parts.append(gr.Textbox("", label=f"{axis} values"))
            parts.append(gr.Dropdown([], label=f"{axis} values", multiselect=True))
        return [*parts, gr.Checkbox(False, label="Use text inputs instead of dropdowns")]

    def run(self, p: Any, *args: Any) -> processing.Processed:
        *axes, csv_mode = args
        options = [self.options[axes[0]], self.options[axes[3]]]
        given = [(axes[1], axes[2]), (axes[4], axes[5])]
        xs, ys = (_values(p, option, *each, csv_mode) for option, each in zip(options, given, strict=True))
        results, infotexts = [], []
        for y in ys:
            for x in xs:
                cell = copy(p)
                options[0].apply(cell, x, xs)
                options[1].apply(cell, y, ys)
                try:
                    processed = processing.process_images(cell)
                    results += processed.images
                    infotexts += processed.infotexts
                except Exception:
                    errors.report("cell")
                    results.append(Image.new("RGB", (p.width, p.height)))
                    infotexts.append("")
        return processing.Processed(p, results, p.seed, infotexts=infotexts)


def _values(p: Any, option: AxisOption, text: str, chosen: list[str], csv_mode: bool) -> list[Any]:
    if option.label == "Nothing":
        return [0]
    listed = option.choices is not None and not csv_mode
    values = list(chosen) if listed else [each.strip() for each in next(csv.reader([text], skipinitialspace=True))]
    values = [option.type(value) for value in values]
    if option.confirm:
        option.confirm(p, values)
    return values
