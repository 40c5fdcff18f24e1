"""The two script classes that a WebUI loads: the one in the dropdown, and its always-on companion without a panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import gradio as gr
from modules import scripts
from modules.processing import process_images
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, json_schema
from pixels_ext.request.summary import REQUEST, TITLE
from pixels_ext.webui import axes
from pixels_ext.webui.batch_tab import file_of_batch, left_out, with_comments
from pixels_ext.webui.edit import begin, edit_of, install, remove
from pixels_ext.webui.infotext import pasted
from pixels_ext.webui.panel import panel
from pixels_ext.webui.reading import ARGUMENT, given_data, read_request
from pixels_ext.webui.refusal import DoesNotFit, Refused

_TILING = ("upscale", "outpaint", "tile")


class PixelsScript(scripts.Script):
    """img2img -> Script -> PIXELS, and `script_name: "pixels"`."""

    def title(self) -> str:
        return TITLE

    def show(self, is_img2img: bool) -> bool:
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        request = panel(self.elem_id, json_schema(), _answered)
        self.infotext_fields = [(request, pasted)]
        self.paste_field_names = [REQUEST]
        return [request]

    def run(self, p: Any, *args: Any) -> Any:
        """Edits. Only the first argument counts: with a short list, the next script's arguments slide in behind it."""
        try:
            data = given_data(args[0] if args else None)
            if data is None:
                raise RequestError(ARGUMENT, "is empty", "a PIXELS request with at least one exemplar and its edit map")
            edit = install(p, _reader(p, data)())
        except RequestError as error:
            raise Refused(error) from None
        file = file_of_batch(p)
        try:
            processed = process_images(p)
            if processed.images:  # the user may have stopped before the first, or an extension asked for none
                edit.check_took_part()
        except DoesNotFit as refusal:
            if not file:
                raise
            processed = left_out(p, file, refusal)
        finally:
            remove(p)
        return with_comments(p, processed) if file else processed


class PixelsCompanion(scripts.Script):
    """Edits when another script is chosen, or when the request comes through `alwayson_scripts`; and puts white back
    in finished pictures."""

    create_group = False

    def title(self) -> str:
        return TITLE

    def show(self, is_img2img: bool) -> Any:
        """The first that the hosts ask of a script when all are loaded, before they build the page; so X/Y/Z plot gets
        its axes here. (A callback would do as well, and would lengthen the hosts' start by 20 ms.)"""
        axes.add()
        return scripts.AlwaysVisible if is_img2img else False

    def ui(self, is_img2img: bool) -> list[Any]:
        request = gr.Textbox(label="PIXELS request (JSON), by API", value="", visible=False)
        request.do_not_save_to_config = True
        return [request]

    def before_process(self, p: Any, *args: Any) -> None:
        """Called before every generation, also by scripts that make many."""
        begin(p)
        try:
            data = self._asked_for(p, args[0] if args else None)
            if data is not None and not _is_another_run(p):
                read = _reader(p, data)
                install(p, read(), read)
        except Exception as error:  # raised here, it would be printed, and a plain img2img would follow
            install(p, error)

    def process_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        edit = edit_of(p)
        if edit:
            edit.before_batch(p)

    def postprocess_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        edit = edit_of(p)
        if edit:
            edit.after_batch(p)

    def postprocess_image_after_composite(self, p: Any, pp: Any, *args: Any) -> None:
        edit = edit_of(p)
        if edit:
            pp.image = edit.finished(p, pp.image)

    def postprocess(self, p: Any, processed: Any, *args: Any) -> None:
        edit = edit_of(p)
        if edit:
            edit.end_run()

    def _asked_for(self, p: Any, argument: object) -> dict[str, Any] | None:
        """The request that this generation of another script, or of none, is to follow."""
        own = given_data(argument)
        selected = _selected(p)
        if isinstance(selected, PixelsScript):
            if own is not None:
                raise RequestError("alwayson_scripts.pixels", "is given beside script_name", "the request once")
            return None
        data = own if own is not None else _staying(p, selected)
        if data is not None and selected is not None and any(word in selected.title().lower() for word in _TILING):
            found = f"is {selected.title()!r}, which cuts or extends the picture, so that maps would be misplaced"
            raise RequestError("script", found, "another script, or PIXELS not active under it")
        return data


def _selected(p: Any) -> scripts.Script | None:
    """The script that is chosen in the dropdown."""
    index = p.script_args[0] if p.script_args else 0
    # Extensions hand a runner with fewer scripts the arguments that were made for all.
    return next(iter(p.scripts.selectable_scripts[index - 1 : index]), None) if index else None


def _staying(p: Any, selected: scripts.Script | None) -> dict[str, Any] | None:
    """What the panel holds, when another script is chosen and the user asked PIXELS to stay active under it."""
    if selected is None:
        return None
    ours = next((script for script in p.scripts.selectable_scripts if isinstance(script, PixelsScript)), None)
    arguments = p.script_args[ours.args_from : ours.args_to] if ours else []
    try:
        data = given_data(arguments[0]) if arguments else None
    except RequestError:  # not ours: another script's arguments slid in, and nobody asked for an edit
        return None
    return data if data and data.get("stay_active") is True else None


def _is_another_run(p: Any) -> bool:
    """Whether an extension re-runs an edit with other sources. Scripts like loopback mean those to be edited."""
    edit = edit_of(p)
    return edit is not None and _selected(p) is None and edit.is_of_other_sources(p)


def _reader(p: Any, data: Mapping[str, Any]) -> Callable[[], EditRequest]:
    """What reads the request. It does not hold `p`."""
    return partial(read_request, axes.swept(p, data), _decode)


def _answered(question: str) -> str:
    # Imported late, as below.
    from pixels_ext.webui.preview import answered

    return answered(question)


def _decode(text: str) -> Image.Image:
    # Imported late: the hosts load their API after the scripts, and without --api not at all.
    from modules.api.api import decode_base64_to_image

    return decode_base64_to_image(text)
