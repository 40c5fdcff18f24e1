"""Starting the fake host with the extension in it, and asking it for images."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from helpers.base64_images import as_text
from PIL import Image

TREE = Path(__file__).parent / "tree"
EXTENSION = Path(__file__).parents[2]
_HOST_PACKAGES = ("modules", "gradio", "fastapi")
_BOUND_TO_HOST = (*_HOST_PACKAGES, "pixels_ext.webui")
_OPTIONS = {
    "img2img_background_color": "#ffffff",
    "sd_vae_encode_method": "Full",
    "img2img_extra_noise": 0.0,
    "samples_save": True,
    "outdir_samples": "",
    "samples_filename_pattern": "",
    "outdir_img2img_samples": "outputs/img2img-images",
    "api_enable_requests": False,
}


@dataclass
class Answer:
    """What the API answered: its images and infotexts when all went well, else the sentence."""

    status: int
    detail: str = ""
    images: list[Image.Image] = field(default_factory=list)
    infotexts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def image(self) -> Image.Image:
        """The only image, of a generation that must have gone well."""
        assert self.status == 200, self.detail
        assert len(self.images) == 1
        return self.images[0]


class Host:
    """A host in which the extension is loaded. Made inside of `importable()`."""

    def __init__(self, extension: Path = EXTENSION) -> None:
        self._extension = extension
        self.start()

    def start(self) -> None:
        """Load the scripts and build the page, as at start-up and again at "Reload UI"."""
        self.scripts, self.callbacks = self.module("scripts"), self.module("script_callbacks")
        self.shared, self.errors = self.module("shared"), self.module("errors")
        own = TREE / "scripts"
        names = ("detailer", "img2imgalt", "inner_pass", "loopback", "sd_upscale", "xyz_grid")
        files = [(own / f"{name}.py", TREE) for name in names]
        files.insert(4, (self._extension / "scripts" / "pixels.py", self._extension))
        self.scripts.load_scripts(files)
        self.callbacks.ui_settings_callback()
        self.callbacks.before_ui_callback()
        for runner, is_img2img in ((self.scripts.scripts_txt2img, False), (self.scripts.scripts_img2img, True)):
            runner.initialize_scripts(is_img2img)
            runner.setup_ui()
        self.serve()

    def serve(self) -> None:
        """Make the web application."""
        self.app = import_module("fastapi").FastAPI()
        if self.shared.cmd_opts.api or self.shared.cmd_opts.nowebui:
            self.api = self.module("api.api").Api(self.app)
        self.callbacks.app_started_callback(None, self.app)

    def fresh(self, kind: str = "exploding", **model: Any) -> None:
        """As after a start: options at their defaults, no generation yet, and a model of this kind."""
        self.shared.opts.data.clear()
        self.shared.opts.data.update(_OPTIONS)
        self.shared.cmd_opts.api, self.shared.cmd_opts.nowebui, self.shared.cmd_opts.api_auth = True, False, None
        for key, info in self.shared.opts.data_labels.items():
            self.shared.opts.data[key] = info.default
        self.shared.state.begin()
        self.errors.reported.clear()
        self.load_model(kind, **model)

    def load_model(self, kind: str = "exploding", **settings: Any) -> Any:
        self.shared.sd_model = self.module("sd_models").Model(kind, **settings)
        return self.model

    @property
    def model(self) -> Any:
        return self.shared.sd_model

    @staticmethod
    def module(name: str) -> ModuleType:
        """A module of the host, or one of the extension's that needs a host: `module("webui.xyz_axes")`."""
        return import_module(f"pixels_ext.{name}" if name.startswith("webui") else f"modules.{name}")

    def script(self, title: str, *, alwayson: bool = False) -> Any:
        runner = self.scripts.scripts_img2img
        among = runner.alwayson_scripts if alwayson else runner.selectable_scripts
        return next(script for script in among if script.title() == title)

    def img2img(self, source: Image.Image | list[Image.Image], **payload: Any) -> Answer:
        """`POST /sdapi/v1/img2img`."""
        sources = source if isinstance(source, list) else [source]
        self.model.forget()
        for name in ("width", "height"):
            payload.setdefault(name, getattr(sources[0], name))
        if isinstance(payload.get("mask"), Image.Image):
            payload["mask"] = as_text(payload["mask"])
        status, body = self.api.img2img({"init_images": [as_text(each) for each in sources], **payload})
        if status != 200:
            return Answer(status, str(body["detail"]))
        info = json.loads(body["info"])
        images = [Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in body["images"]]
        return Answer(status, "", images, info["infotexts"], info["comments"])

    def edit(self, source: Image.Image | list[Image.Image], request: Any, **payload: Any) -> Answer:
        """The same with PIXELS chosen in the dropdown."""
        return self.img2img(source, script_name="pixels", script_args=[request], **payload)

    def under(self, title: str, source: Image.Image, request: Any, *args: Any, **payload: Any) -> Answer:
        """As the page does it: another script is chosen, with its arguments, and the panel holds a request."""
        runner = self.scripts.scripts_img2img
        values = self.module("api.api").default_script_args(runner)
        other, ours = self.script(title), self.script("PIXELS")
        values[0] = runner.selectable_scripts.index(other) + 1
        values[other.args_from : other.args_from + len(args)] = args
        values[ours.args_from] = request
        self.model.forget()
        self.shared.state.begin()
        p = self.processing(source, **payload)
        p.script_args = values
        processed = runner.run(p, *values)
        return Answer(200, "", processed.images, processed.infotexts, list(p.comments))

    def processing(self, source: Image.Image, **fields: Any) -> Any:
        """A processing object, as the page makes it."""
        fields = {"width": source.width, "height": source.height, **fields}
        p = self.module("processing").StableDiffusionProcessingImg2Img(init_images=[source], **fields)
        p.scripts = self.scripts.scripts_img2img
        p.script_args = self.module("api.api").default_script_args(p.scripts)
        return p

    def paste(self, text: str, tab: str = "img2img") -> dict[str, Any]:
        """As the page does it with an infotext: what the components of a tab are given, by their labels."""
        runner = getattr(self.scripts, f"scripts_{tab}")
        changed = self.module("infotext_utils").pasted(runner.infotext_fields, text)
        return {component.label: value for component, value in changed}

    def xy(
        self, source: Image.Image, request: Any, label: str, values: list[str], *, text: bool = True, **payload: Any
    ) -> Answer:
        """X/Y/Z plot over one axis."""
        plot = self.script("X/Y/Z plot")
        index = [option.label for option in plot.options].index(label)
        line = io.StringIO()
        import_module("csv").writer(line).writerow(values)
        x = [index, line.getvalue().strip(), [] if text else values]
        return self.under("X/Y/Z plot", source, request, *x, 0, "", [], text, **payload)


@contextmanager
def importable() -> Iterator[None]:
    """The host's packages can be imported, and whatever of the extension needs them is loaded anew against them;
    afterwards the process knows nothing of it."""
    kept = _taken_out()
    before = sys.path
    sys.path = [str(TREE), *before]
    try:
        yield
    finally:
        sys.path = before
        _taken_out()
        sys.modules.update(kept)
        # A package remembers its modules as attributes too.
        if hasattr(sys.modules.get("pixels_ext"), "webui"):
            del sys.modules["pixels_ext"].webui


def _taken_out() -> dict[str, ModuleType]:
    ours = [name for name in sys.modules if any(name == top or name.startswith(f"{top}.") for top in _BOUND_TO_HOST)]
    return {name: sys.modules.pop(name) for name in ours}


def global_randomness() -> list[int]:
    """The state of torch's global generator."""
    return torch.get_rng_state().tolist()
