"""Script classes: how they are found, where their arguments stand, and when they are called."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import gradio as gr
from PIL import Image

from modules import errors, script_callbacks

AlwaysVisible = object()


class PostprocessImageArgs:
    def __init__(self, image: Image.Image) -> None:
        self.image = image


class PostprocessBatchListArgs:
    def __init__(self, images: list[Any]) -> None:
        self.images = images


class Script:
    name: str | None = None
    filename: str | None = None
    args_from = args_to = 0
    alwayson = False
    create_group = True
    infotext_fields: list[Any] | None = None
    paste_field_names: list[str] | None = None
    tabname = "img2img"

    def title(self) -> str:
        raise NotImplementedError

    def show(self, is_img2img: bool) -> Any:
        return True

    def ui(self, is_img2img: bool) -> list[Any] | None:
        return None

    def run(self, p: Any, *args: Any) -> Any:
        pass

    def before_process(self, p: Any, *args: Any) -> None:
        pass

    def process(self, p: Any, *args: Any) -> None:
        pass

    def process_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        pass

    def postprocess_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        pass

    def postprocess_batch_list(self, p: Any, pp: PostprocessBatchListArgs, *args: Any, **kwargs: Any) -> None:
        pass

    def postprocess_image(self, p: Any, pp: PostprocessImageArgs, *args: Any) -> None:
        pass

    def postprocess_image_after_composite(self, p: Any, pp: PostprocessImageArgs, *args: Any) -> None:
        pass

    def postprocess(self, p: Any, processed: Any, *args: Any) -> None:
        pass

    def elem_id(self, item_id: str) -> str:
        return f"script_{self.tabname}_{self.title().lower()}_{item_id}"


class ScriptClassData(NamedTuple):
    script_class: type[Script]
    path: str
    basedir: str
    module: ModuleType


scripts_data: list[ScriptClassData] = []
scripts_txt2img: Any = None
scripts_img2img: Any = None


def load_scripts(files: Iterable[tuple[Path, Path]]) -> None:
    """`files`: script and the folder that it belongs to, which is in `sys.path` only while its script is loaded."""
    global scripts_txt2img, scripts_img2img
    scripts_data.clear()
    script_callbacks.clear_callbacks()
    for file, folder in files:
        before = sys.path
        sys.path = [str(folder), *before]
        try:
            spec = importlib.util.spec_from_file_location(file.name, file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for value in vars(module).values():
                if inspect.isclass(value) and issubclass(value, Script):
                    scripts_data.append(ScriptClassData(value, str(file), str(folder), module))
        except Exception:
            errors.report(f"loading {file}")
        finally:
            sys.path = before
    scripts_txt2img, scripts_img2img = ScriptRunner(), ScriptRunner()


class ScriptRunner:
    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.selectable_scripts: list[Script] = []
        self.alwayson_scripts: list[Script] = []
        self.titles: list[str] = []
        self.infotext_fields: list[Any] = []
        self.paste_field_names: list[str] = []
        self.inputs: list[Any] = [None]

    def initialize_scripts(self, is_img2img: bool) -> None:
        for data in scripts_data:
            script = data.script_class()
            script.filename = data.path
            script.is_img2img = is_img2img
            script.tabname = "img2img" if is_img2img else "txt2img"
            shown = script.show(is_img2img)
            script.alwayson = shown is AlwaysVisible
            if shown:
                self.scripts.append(script)
                (self.alwayson_scripts if script.alwayson else self.selectable_scripts).append(script)

    def setup_ui(self) -> list[Any]:
        """Always-on scripts come first; the dropdown's value stands before all."""
        self.titles = [script.title() for script in self.selectable_scripts]
        for script in [*self.alwayson_scripts, *self.selectable_scripts]:
            with gr.Group(visible=script.alwayson):
                self._draw(script)
        chosen = gr.Dropdown(label="Script", choices=["None", *self.titles], value="None", type="index")
        self.inputs[0] = chosen
        # On the page the choice comes as its index; from a text, and so by the API's `infotext`, as a title.
        self.infotext_fields.append((chosen, lambda parameters: gr.update(value=parameters.get("Script", "None"))))
        return self.inputs

    def _draw(self, script: Script) -> None:
        script.args_from = script.args_to = len(self.inputs)
        controls = _guarded(script, "ui", script.is_img2img)
        if controls is None:
            return
        script.name = script.title().lower()
        self.inputs += controls
        script.args_to = len(self.inputs)
        self.infotext_fields += script.infotext_fields or []
        self.paste_field_names += script.paste_field_names or []

    def run(self, p: Any, *args: Any) -> Any:
        if not args[0]:
            return None
        script = self.selectable_scripts[args[0] - 1]
        return script.run(p, *args[script.args_from : script.args_to])

    def _each(self, hook: str, p: Any, *given: Any, **named: Any) -> None:
        for script in self.alwayson_scripts:
            _guarded(script, hook, p, *given, *p.script_args[script.args_from : script.args_to], **named)

    def before_process(self, p: Any) -> None:
        self._each("before_process", p)

    def process(self, p: Any) -> None:
        self._each("process", p)

    def process_batch(self, p: Any, **named: Any) -> None:
        self._each("process_batch", p, **named)

    def postprocess_batch(self, p: Any, images: list[Any], **named: Any) -> None:
        self._each("postprocess_batch", p, images=images, **named)

    def postprocess_batch_list(self, p: Any, pp: PostprocessBatchListArgs, **named: Any) -> None:
        self._each("postprocess_batch_list", p, pp, **named)

    def postprocess_image(self, p: Any, pp: PostprocessImageArgs) -> None:
        self._each("postprocess_image", p, pp)

    def postprocess_image_after_composite(self, p: Any, pp: PostprocessImageArgs) -> None:
        self._each("postprocess_image_after_composite", p, pp)

    def postprocess(self, p: Any, processed: Any) -> None:
        self._each("postprocess", p, processed)


def _guarded(script: Script, hook: str, *args: Any, **named: Any) -> Any:
    """The hosts print what a hook raises, and go on."""
    try:
        return getattr(script, hook)(*args, **named)
    except Exception:
        errors.report(f"{type(script).__name__}.{hook}")
        return None
