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
from pixels_ext.request.summary import REQUEST_KEY, TITLE
from pixels_ext.webui import axes
from pixels_ext.webui.activation import Answer, ApiSlot, PanelSlot, asked
from pixels_ext.webui.batch_tab import file_of_batch, left_out, with_comments
from pixels_ext.webui.infotext import pasted
from pixels_ext.webui.log import comment, going_on, note
from pixels_ext.webui.nesting import LatestEdit, task
from pixels_ext.webui.panel import LABEL, panel
from pixels_ext.webui.refusals import DoesNotFit, Refused
from pixels_ext.webui.request_reading import ARGUMENT, given_data, read_request
from pixels_ext.webui.sample_hook import ANOTHER_SOURCE, begin, edit_of, has_copied_edit, install, remove
from pixels_ext.webui.settings import limits

_TILING = ("upscale", "outpaint", "tile")


class PixelsScript(PanelSlot, scripts.Script):
    """img2img -> Script -> PIXELS, and `script_name: "pixels"`."""

    def title(self) -> str:
        return TITLE

    def show(self, is_img2img: bool) -> bool:
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        """The hosts' API calls this outside of any `try`."""
        request = None
        with going_on("the panel cannot be made, and there is a text box for the request in its place"):
            request = panel(self.elem_id, json_schema(), _answered)
        if request is None:
            request = gr.Textbox(label=LABEL, value="", lines=4)
        self.infotext_fields = [(request, pasted)]
        self.paste_field_names = [REQUEST_KEY]
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


class PixelsCompanion(ApiSlot, scripts.Script):
    """Edits when another script is chosen, or when the request comes through `alwayson_scripts` or the API's
    `infotext`; and puts white back in finished pictures."""

    create_group = False

    def __init__(self) -> None:
        super().__init__()
        self._latest = LatestEdit()
        self._told: object = None

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
        copied = has_copied_edit(p)
        begin(p)
        answer = asked(p, args[0] if args else None)
        self._tell_foreign(answer)
        if answer.request is None and (answer.itself or not axes.is_swept(p)):
            return
        try:
            if self._latest.has_inside(p):  # also a copy that only tells other extensions where the generation is
                return
            if (copied or answer.under is None) and self._latest.has_beside(p, answer.request):
                comment(p, f"PIXELS: {ANOTHER_SOURCE}")
                return
            if answer.under is None and _is_another_run(p):
                return
            read = _reader(p, _checked(p, answer))
            install(p, read(), read)
        except Exception as error:  # raised here, it would be printed, and a plain img2img would follow
            install(p, error)
        self._latest.began(p, answer.request)

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
        self._latest.ended(p)

    def _tell_foreign(self, answer: Answer) -> None:
        """Once for each task: a plot has hundreds of generations."""
        if answer.foreign and (task() is None or self._told != task()):
            self._told = task()
            note(f"what another program gave as the argument of our script {answer.foreign}. Nothing is edited.")


def _checked(p: Any, answer: Answer) -> dict[str, Any]:
    """The request as JSON values, when it can be followed in this generation. Raises `RequestError`."""
    if answer.itself:
        raise RequestError("alwayson_scripts.pixels", "is given beside script_name", "the request once")
    data = given_data(answer.request)
    if data is None:
        raise axes.unedited(p)
    title = _title(answer.under)
    if any(word in title.lower() for word in _TILING):
        found = f"is {title!r}, which cuts or extends the picture, so that maps would be misplaced"
        raise RequestError("script", found, "another script, or PIXELS not active under it")
    return data


def _title(script: Any) -> str:
    """Of somebody else's script, which may be anything."""
    try:
        return str(script.title())
    except Exception:
        return ""


def _is_another_run(p: Any) -> bool:
    """Whether an extension re-runs an edit with other sources. Scripts like loopback mean those to be edited."""
    edit = edit_of(p)
    return edit is not None and edit.is_of_other_sources(p)


def _reader(p: Any, data: Mapping[str, Any]) -> Callable[[], EditRequest]:
    """What reads the request. It does not hold `p`."""
    if not hasattr(p, "init_images"):
        raise RequestError("source", "is missing, as in txt2img", "an img2img generation")
    return partial(read_request, axes.swept(p, data), _decode, limits(p))


def _answered(question: str) -> str:
    # Imported late, as below.
    from pixels_ext.webui.panel_queries import answered

    return answered(question)


def _decode(text: str) -> Image.Image:
    # Imported late: the hosts load their API after the scripts, and without --api not at all.
    from modules.api.api import decode_base64_to_image

    return decode_base64_to_image(text)
