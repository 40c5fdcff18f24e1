"""An extension that does to a generation what other extensions do, on request by API.

`alwayson_scripts: {"pixels other extension": {"args": [what]}}`, with `what` one of

    unet            wraps the UNet and adds to its output, as ControlNet does
    sample, early   wraps p.sample before PIXELS does, as tilers do, and darkens the resulting latent
    sample, late    the same after PIXELS
    fail N          raises when the UNet is called for the Nth time
    fail encode N   is out of memory when the autoencoder encodes for the Nth time

It does not know PIXELS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import torch
from modules import scripts, shared

UNET, EARLY, LATE, FAIL, FAIL_ENCODE = "unet", "sample, early", "sample, late", "fail ", "fail encode "


class OtherExtension(scripts.Script):
    """Undoes what it did at the end, or, after a failure, when the next generation begins, as extensions do."""

    create_group = False

    def __init__(self) -> None:
        super().__init__()
        self.undo: list[Callable[[], None]] = []

    def title(self) -> str:
        return "PIXELS other extension"

    def show(self, is_img2img: bool) -> Any:
        return scripts.AlwaysVisible if is_img2img else False

    def ui(self, is_img2img: bool) -> list[Any]:
        return [gr.Textbox(label="What the other extension does", value="", visible=False)]

    def before_process(self, p: Any, what: str = "", *_: Any) -> None:
        self.restore()
        if what == EARLY:
            wrap_sample(p)
        elif what.startswith(FAIL_ENCODE):
            number = int(what.removeprefix(FAIL_ENCODE))
            self.put_around(shared.sd_model, "encode_first_stage", failing_at(number, torch.OutOfMemoryError))
        elif around_unet(what) and not on_forge(p):
            self.put_around(shared.sd_model.model.diffusion_model, "forward", around_unet(what))

    def process(self, p: Any, what: str = "", *_: Any) -> None:
        if what == LATE:
            wrap_sample(p)

    def process_before_every_sampling(self, p: Any, what: str = "", *_: Any, **__: Any) -> None:
        change = around_unet(what)
        if change and on_forge(p):
            unet = p.sd_model.forge_objects.unet.clone()

            def wrapper(apply: Any, call: dict[str, Any]) -> Any:
                return change(apply(call["input"], call["timestep"], **call["c"]))

            unet.set_model_unet_function_wrapper(wrapper)
            p.sd_model.forge_objects.unet = unet

    def postprocess(self, p: Any, *_: Any) -> None:
        self.restore()

    def put_around(self, owner: Any, name: str, change: Callable[[Any], Any]) -> None:
        """Pass what `owner.name` returns through `change`."""
        own = getattr(owner, name)
        object.__setattr__(owner, name, lambda *args, **kwargs: change(own(*args, **kwargs)))
        self.undo.append(lambda: object.__delattr__(owner, name))

    def restore(self) -> None:
        while self.undo:
            self.undo.pop()()


def on_forge(p: Any) -> bool:
    return hasattr(p.sd_model, "forge_objects")


def around_unet(what: str) -> Callable[[Any], Any] | None:
    if what == UNET:
        return striped
    if what.startswith(FAIL) and not what.startswith(FAIL_ENCODE):
        return failing_at(int(what.removeprefix(FAIL)), RuntimeError)
    return None


def striped(out: Any) -> Any:
    """The output of the UNet with stripes."""
    rows = torch.arange(out.shape[-2], device=out.device, dtype=out.dtype)[:, None]
    return out + 0.3 * torch.cos(rows)


def failing_at(number: int, error: type[Exception]) -> Callable[[Any], Any]:
    """Returns its argument, except that the call of this number raises."""
    seen: list[None] = []

    def change(out: Any) -> Any:
        seen.append(None)
        if len(seen) == number:
            raise error("the other extension fails")
        return out

    return change


def wrap_sample(p: Any) -> None:
    own = p.sample
    p.sample = lambda *args, **kwargs: own(*args, **kwargs) * 0.9
