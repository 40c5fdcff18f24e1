"""The panel's gradio components: an element that our JavaScript fills, and the text box that holds the request."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

LABEL = "PIXELS request (JSON)"
_MODULES = Path(__file__).parents[2] / "javascript"
_PAYLOAD = (
    '{"init_images": ["BASE64_OF_THE_SOURCE_IMAGE"], "prompt": "a meadow at sunset", "denoising_strength": 0.6, '
    '"script_name": "pixels", "script_args": [%REQUEST%]}'
)
_PYTHON = f"""import base64
import json
from pathlib import Path

import requests

payload = json.loads(r'''{_PAYLOAD}''')
payload["init_images"] = [base64.b64encode(Path("source.png").read_bytes()).decode()]

answer = requests.post("%ORIGIN%/sdapi/v1/img2img", json=payload, timeout=600)
if not answer.ok:
    raise SystemExit(answer.text)
for number, image in enumerate(answer.json()["images"]):
    Path(f"edit-{{number}}.png").write_bytes(base64.b64decode(image))
"""
# The body comes from standard input: images are longer than a command line may be.
_CURL = f"""curl -sS %ORIGIN%/sdapi/v1/img2img -H "Content-Type: application/json" --data-binary @- <<'REQUEST'
{_PAYLOAD}
REQUEST
"""
_CALLS = (
    {"face": "Copy for Python", "what": "A Python program", "program": _PYTHON},
    {"face": "Copy for curl", "what": "A curl command", "program": _CURL},
)
"""Programs that send the request to the host's API; the page fills in its own address and the request."""


def panel(
    elem_id: Callable[[str], str], schema: Mapping[str, Any], handle_query: Callable[[str], str] | None = None
) -> gr.Textbox:
    """Make the panel in the current `gr.Blocks` and return the text box that holds the request as JSON.

    `elem_id` makes ids that are unique in the page; `schema` is the request's JSON schema, from which the form is
    drawn; `handle_query` answers the studio's queries, both JSON texts. Without JavaScript, the text box is the panel.
    Hosts call this several times; nothing is kept.
    """
    box_id = elem_id("request")
    attributes = {
        "data-schema": json.dumps(schema),
        "data-version": _version(),
        "data-request": box_id,
        "data-calls": json.dumps(_CALLS),
    }
    written = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    words = "The panel needs JavaScript. Without it, enter the request as JSON below."
    mount = gr.HTML(f'<div class="pixels-panel" {written}>{words}</div>')
    box = gr.Textbox(label=LABEL, value="", lines=4, max_lines=20, elem_id=box_id, elem_classes=["pixels-request"])
    hidden = _query_components(elem_id, handle_query) if handle_query else ()
    for component in (mount, box, *hidden):
        component.do_not_save_to_config = True  # else the hosts write its initial value into ui-config.json
    return box


def _query_components(elem_id: Callable[[str], str], handle_query: Callable[[str], str]) -> tuple[Any, ...]:
    """Two text boxes and a button, hidden, which our JavaScript uses."""
    classes = ["pixels-unseen"]
    question = gr.Textbox(value="", elem_id=elem_id("question"), elem_classes=classes, show_label=False)
    answer = gr.Textbox(value="", elem_id=elem_id("answer"), elem_classes=classes, show_label=False)
    ask = gr.Button("Ask", elem_id=elem_id("ask"), elem_classes=classes)
    ask.click(handle_query, [question], [answer], queue=False, show_progress="hidden", api_name=False)
    return question, answer, ask


def _version() -> str:
    """When the panel's modules last changed. They append it to their URLs, so that browsers load no cached ones."""
    return f"{max(file.stat().st_mtime for file in _MODULES.rglob('*.mjs')):.3f}"
