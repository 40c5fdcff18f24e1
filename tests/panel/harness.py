"""A small page that carries the panel as the WebUIs do, run by the Python of an environment with gradio 3 or 4.

    PYTHON tests/panel/harness.py PORT SCHEMA_FILE EXTENSION_FOLDER

The extension's folder is given by a path below the working directory, as in the hosts. Besides the panel, the page has
what the tests need from a host: a source with steps, size and strength; Generate, which shows what reached Python; a
button that sets the request from Python, as pasted parameters do; a result gallery; and a toggle that hides the panel's
group, as choosing another script does.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import sys
import time
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image

HOST_SCRIPT = """
const callbacks = [];
function gradioApp() { return document; }
function onUiUpdate(callback) { callbacks.push(callback); }
function onUiLoaded(callback) { callbacks.push(callback); }
function updateInput(target) { target.dispatchEvent(new Event('input', {bubbles: true})); }
document.addEventListener('DOMContentLoaded', () => {
    new MutationObserver(seen => { for (const callback of callbacks) callback(seen); })
        .observe(document, {childList: true, subtree: true});
});
// The hosts put images that are pasted or dropped anywhere into their own fields: AUTOMATIC1111 listens on the
// window, Forge's canvas on the document.
window.takenByHost = 0;
window.addEventListener('paste', event => { if (event.clipboardData.files.length) window.takenByHost += 1; });
document.addEventListener('paste', event => { if (event.clipboardData.files.length) window.takenByHost += 1; });
document.addEventListener('drop', () => { window.takenByHost += 1; });
// Ctrl+Enter starts a generation, Escape interrupts one.
window.interrupted = 0;
document.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.ctrlKey) document.querySelector('#img2img_generate').click();
    if (event.key === 'Escape') window.interrupted += 1;
});
"""


def load_panel(extension: Path):
    """`pixels_ext.webui.panel` without its package, whose engine needs torch, which these environments do not have."""
    spec = importlib.util.spec_from_file_location("panel", extension / "pixels_ext" / "webui" / "panel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.panel


def answered(question: str) -> str:
    """For a map from depth: a ramp from left to right; from difference: after a second, a gray that is the exemplar's
    x; for all others: a sentence. For a strength: what was asked."""
    asked = json.loads(question)
    if asked.get("ask") == "strength":
        count = len(asked["request"].get("exemplars", []))
        if not count:
            return json.dumps({"id": asked["id"], "problem": "exemplars: missing."})
        size = Image.open(io.BytesIO(base64.b64decode(asked["source"].partition(",")[2]))).size
        reason = f"{count} on {size[0]}x{size[1]} at {asked.get('width')}x{asked.get('height')}, {asked['steps']} steps"
        return json.dumps({"id": asked["id"], "strength": 0.42, "reason": reason})
    exemplar = asked["request"]["exemplars"][0]
    kind = exemplar[asked["field"]]["type"]
    if kind not in ("depth", "difference"):
        return json.dumps({"id": asked["id"], "problem": "exemplars[0].edit_map: cannot be generated here."})
    values = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))
    if kind == "difference":
        time.sleep(1)
        values[:] = round(255 * exemplar.get("placement", {}).get("x", 0.5))
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return json.dumps({"id": asked["id"], "map": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()})


def inject(extension: Path) -> None:
    """Put the host's script, the extension's module and its style sheet into the page, as the hosts do."""
    original = gr.routes.templates.TemplateResponse

    def address(file: str) -> str:
        return f"file={extension / file}?{(extension / file).stat().st_mtime}"

    def response(*args, **kwargs):
        result = original(*args, **kwargs)
        head = f'<script>{HOST_SCRIPT}</script><script type="module" src="{address("javascript/pixels.mjs")}"></script>'
        style = f'<link rel="stylesheet" property="stylesheet" href="{address("style.css")}">'
        body = result.body.decode().replace("</head>", f"{head}</head>").replace("</body>", f"{style}</body>")
        result.body = body.encode()
        result.init_headers()
        return result

    gr.routes.templates.TemplateResponse = response


def main(port: int, schema: Path, extension: Path) -> None:
    panel = load_panel(extension)
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32] = 200
    across, down = np.meshgrid(np.linspace(40, 220, 320), np.linspace(220, 60, 240))
    source = np.stack([across, down, np.full_like(across, 120)], axis=2).astype(np.uint8)
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])  # no fonts from elsewhere
    with gr.Blocks(theme, analytics_enabled=False) as page, gr.Row():
        with gr.Column(variant="compact"):
            with gr.Group(visible=True) as group:
                request = panel(lambda item: f"script_img2img_pixels_{item}", json.loads(schema.read_text()), answered)
            elsewhere = gr.Textbox(label="Negative", elem_id="elsewhere")
        with gr.Column():
            gr.Image(source, elem_id="img2img_image", label="Source", type="pil", interactive=True)
            gr.Slider(1, 150, 20, step=1, elem_id="img2img_steps", label="Steps")
            with gr.Tabs(elem_id="img2img_tabs_resize"):
                with gr.Tab("Resize to", id="to", elem_id="img2img_tab_resize_to"):
                    gr.Slider(64, 2048, 512, step=8, elem_id="img2img_width", label="Width", interactive=True)
                    gr.Slider(64, 2048, 384, step=8, elem_id="img2img_height", label="Height", interactive=True)
                with gr.Tab("Resize by", id="by", elem_id="img2img_tab_resize_by"):
                    gr.Slider(0.05, 4, 1, step=0.05, elem_id="img2img_scale", label="Scale", interactive=True)
            strength = gr.Slider(0, 1, 0.6, elem_id="img2img_denoising_strength", label="Strength")
            reached = gr.Textbox(label="Strength in Python", elem_id="reached")
            generate = gr.Button("Generate", elem_id="img2img_generate", variant="primary")
            received = gr.Textbox(label="Received", elem_id="received", lines=2, max_lines=4)
            count = gr.Number(0, label="Generations", elem_id="generations", precision=0)
            given = gr.Textbox(label="To set from Python", elem_id="given", lines=2, max_lines=4)
            paste = gr.Button("Set", elem_id="paste")
            shown = gr.Checkbox(True, label="Script chosen", elem_id="chosen")
            gr.Gallery([image], elem_id="img2img_gallery", label="Results")
        generate.click(lambda text, number: (text, number + 1), [request, count], [received, count])
        generate.click(lambda value: str(value), strength, reached)
        paste.click(lambda text: text, given, request)
        shown.change(lambda yes: gr.update(visible=yes), shown, group)
        elsewhere.change(lambda: None, None, None)
    inject(extension)
    page.queue().launch(server_port=port, server_name="127.0.0.1", allowed_paths=[str(Path.cwd())], show_api=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
