"""The two scripts that a WebUI loads: the one in the dropdown, and an always-on companion without a panel."""

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
from pixels_ext.webui import xyz_axes
from pixels_ext.webui.activation import Activation, ApiSlot, PanelSlot, find_request
from pixels_ext.webui.batch_tab import batch_file_label, merge_comments, skip_file
from pixels_ext.webui.http_errors import BadRequest, SourceMismatch
from pixels_ext.webui.infotext import request_from_infotext
from pixels_ext.webui.inner_generations import LatestEdit, current_task
from pixels_ext.webui.messages import add_comment, continue_on_error, log_warning
from pixels_ext.webui.panel import LABEL, panel
from pixels_ext.webui.parse_request import ARGUMENT, parse_script_argument, read_request
from pixels_ext.webui.protocols import PostprocessImageArgs, Processed, Processing, Script
from pixels_ext.webui.sample_hook import DIFFERENT_SOURCE, get_hook, has_copied_hook, install_hook, remove_hook, reset
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
        with continue_on_error("the panel cannot be made, and a text box for the request replaces it"):
            request = panel(self.elem_id, json_schema(), _handle_panel_query)
        if request is None:
            request = gr.Textbox(label=LABEL, value="", lines=4)
        self.infotext_fields = [(request, request_from_infotext)]
        self.paste_field_names = [REQUEST_KEY]
        return [request]

    def run(self, p: Processing, *args: Any) -> Processed:
        """Edit. Only the first argument counts: if the list is too short, the next script's arguments follow it."""
        try:
            data = parse_script_argument(args[0] if args else None)
            if data is None:
                raise RequestError(ARGUMENT, "is empty", "a PIXELS request with at least one exemplar and its edit map")
            hook = install_hook(p, _request_reader(p, data)())
        except RequestError as error:
            raise BadRequest(error) from None
        file = batch_file_label(p)
        try:
            processed: Processed = process_images(p)
            if processed.images:  # the user may have interrupted before the first, or an extension asked for none
                hook.check_sampled()
        except SourceMismatch as mismatch:
            if not file:
                raise
            processed = skip_file(p, file, mismatch)
        finally:
            remove_hook(p)
        return merge_comments(p, processed) if file else processed


class PixelsCompanion(ApiSlot, scripts.Script):
    """Edits if another script is selected, or if the request comes through `alwayson_scripts` or the API's `infotext`;
    and restores the source under white in finished images."""

    create_group = False

    def __init__(self) -> None:
        super().__init__()
        self._latest_edit = LatestEdit()
        self._warned_task: object = None

    def title(self) -> str:
        return TITLE

    def show(self, is_img2img: bool) -> Any:
        """The first method that the hosts call when all scripts are loaded, before they build the page; so X/Y/Z plot
        gets its axes here. (A callback would do as well, and would delay the hosts' start by 20 ms.)"""
        xyz_axes.add_axes()
        return scripts.AlwaysVisible if is_img2img else False

    def ui(self, is_img2img: bool) -> list[Any]:
        request = gr.Textbox(label="PIXELS request (JSON), by API", value="", visible=False)
        request.do_not_save_to_config = True
        return [request]

    def before_process(self, p: Processing, *args: Any) -> None:
        """Called before every generation, also by scripts that make many."""
        copied = has_copied_hook(p)
        reset(p)
        activation = find_request(p, args[0] if args else None)
        self._warn_foreign(activation)
        if activation.request is None and (activation.selected or not xyz_axes.has_axis_values(p)):
            return
        try:
            if self._latest_edit.encloses(p):  # also a copy that only tells other extensions where the generation is
                return
            if (copied or activation.other_script is None) and self._latest_edit.is_copied_by(p, activation.request):
                add_comment(p, f"PIXELS: {DIFFERENT_SOURCE}")
                return
            if activation.other_script is None and _is_rerun_of_edit(p):
                return
            read = _request_reader(p, _check_activation(p, activation))
            install_hook(p, read(), read)
        except Exception as error:  # raised here, it would only be printed, and a plain img2img would follow
            install_hook(p, error)
        self._latest_edit.start(p, activation.request)

    def process_batch(self, p: Processing, *args: Any, **kwargs: Any) -> None:
        hook = get_hook(p)
        if hook:
            hook.before_batch(p)

    def postprocess_batch(self, p: Processing, *args: Any, **kwargs: Any) -> None:
        hook = get_hook(p)
        if hook:
            hook.after_batch(p)

    def postprocess_image_after_composite(self, p: Processing, pp: PostprocessImageArgs, *args: Any) -> None:
        hook = get_hook(p)
        if hook:
            pp.image = hook.postprocess_image(p, pp.image)

    def postprocess(self, p: Processing, processed: Processed, *args: Any) -> None:
        hook = get_hook(p)
        if hook:
            hook.end_run()
        self._latest_edit.finish(p)

    def _warn_foreign(self, activation: Activation) -> None:
        """Once per task: a plot has hundreds of generations."""
        if activation.foreign and (current_task() is None or self._warned_task != current_task()):
            self._warned_task = current_task()
            log_warning(
                f"what another program gave as the argument of our script {activation.foreign}. Nothing is edited."
            )


def _check_activation(p: Processing, activation: Activation) -> dict[str, Any]:
    """The request as JSON values, if this generation can be edited. Raises `RequestError`."""
    if activation.selected:
        raise RequestError("alwayson_scripts.pixels", "is given beside script_name", "the request once")
    data = parse_script_argument(activation.request)
    if data is None:
        raise xyz_axes.no_edit_error(p)
    title = _title_of(activation.other_script)
    if any(word in title.lower() for word in _TILING):
        found = f"is {title!r}, which crops or extends the image, so that maps would be misplaced"
        raise RequestError("script", found, "another script, or PIXELS not under it")
    return data


def _title_of(script: Script | None) -> str:
    """Another extension's script may be anything."""
    try:
        return "" if script is None else str(script.title())
    except Exception:
        return ""


def _is_rerun_of_edit(p: Processing) -> bool:
    """Whether an extension re-runs an edit with other sources. (Scripts like loopback want those edited.)"""
    hook = get_hook(p)
    return hook is not None and hook.has_other_sources(p)


def _request_reader(p: Processing, data: Mapping[str, Any]) -> Callable[[], EditRequest]:
    """A function that reads the request, without a reference to `p`."""
    if not hasattr(p, "init_images"):
        raise RequestError("source", "is missing, as in txt2img", "an img2img generation")
    return partial(read_request, xyz_axes.apply_axis_values(p, data), _decode, limits(p))


def _handle_panel_query(question: str) -> str:
    # Imported late, as below.
    from pixels_ext.webui.panel_queries import handle_panel_query

    return handle_panel_query(question)


def _decode(text: str) -> Image.Image:
    # Imported late: the hosts load their API after the scripts, and without --api not at all.
    from modules.api.api import decode_base64_to_image

    image: Image.Image = decode_base64_to_image(text)
    return image
