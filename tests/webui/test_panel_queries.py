"""What the studio asks Python for: maps that a browser cannot make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import smooth
from helpers.base64_images import as_text
from helpers.tiny_vision import save_dpt

from pixels_ext.edit.prepare import unshaped_map
from pixels_ext.imaging.images import as_edit_map, image_from_base64
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest, Exemplar, from_json

pytest_plugins = ["fake_webui.fixtures"]

SOURCE, OTHER = smooth(1), smooth(2)


def asked(host: Host, edit_map: Any, field: str = "edit_map", **more: Any) -> dict[str, Any]:
    exemplar = {"image": as_text(OTHER), "edit_map": {"type": "linear"}, field: edit_map, **more}
    question = {"id": 7, "request": {"exemplars": [exemplar]}, "field": field, "source": as_text(SOURCE)}
    answer = json.loads(host.module("webui.panel_queries").handle_panel_query(json.dumps(question)))
    assert answer.pop("id") == 7
    return answer


@pytest.mark.parametrize("field", ["edit_map", "second_map"])
@pytest.mark.parametrize("edit_map", [{"type": "brightness", "input": "exemplar"}, {"type": "difference"}])
def test_the_map_is_the_engine_s_before_it_is_shaped(host: Host, edit_map: dict[str, Any], field: str) -> None:
    more = {"placement": {"scale": 0.5}, "shaping": {"invert": True}}
    answer = asked(host, edit_map, field, **more)
    request = from_json(
        {"exemplars": [{"image": "", "edit_map": {"type": "linear"}, field: edit_map, **more}]}, lambda _: OTHER
    )
    wanted = unshaped_map(request, 0, field, SOURCE, MapProviders())
    assert np.abs(as_edit_map(image_from_base64(answer["map"])) - wanted).max() <= 0.5 / 255 + 1e-6
    assert wanted.std() > 0.02


def test_what_cannot_be_made_is_answered_with_the_sentence(host: Host) -> None:
    assert asked(host, {"type": "inpaint_mask"})["problem"].startswith("exemplars[0].edit_map.type: 'inpaint_mask'")
    assert "but its model" in asked(host, {"type": "depth"})["problem"]
    assert asked(host, {"type": "shape"})["problem"].startswith("exemplars[0].edit_map.image: missing")
    assert asked(host, None, "second_map")["problem"].startswith("exemplars[0].second_map: missing")


def test_whatever_fails_is_answered(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(host.module("webui.panel_queries"), "unshaped_map", fails)
    assert asked(host, {"type": "depth"}) == {"problem": "The map could not be made (MemoryError: out of memory)."}
    assert len(host.errors.reported) == 1
    host.errors.reported.clear()


def test_the_model_that_is_asked_for_the_studio_is_not_asked_again(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_dpt(tmp_path / "pixels" / "dpt-hybrid-midas")
    monkeypatch.setattr(host.module("webui.vision_models"), "models_path", str(tmp_path))
    host.scripts.scripts_img2img.pixels_seeing = None
    loads: list[str] = []
    seeing = host.module("webui.vision_models").VisionModels
    real = seeing._load
    monkeypatch.setattr(seeing, "_load", lambda self, kind: (loads.append(kind), real(self, kind))[1])
    assert "map" in asked(host, {"type": "depth"})
    request = {"exemplars": [{"image": as_text(OTHER), "edit_map": {"type": "depth"}}]}
    assert host.edit(SOURCE, request).status == 200
    assert loads == ["depth"]


def test_a_map_that_is_not_there_is_named() -> None:
    request = EditRequest(exemplars=(Exemplar(image=OTHER, edit_map=OTHER.convert("L")),))
    with pytest.raises(ValueError, match=r"^exemplars\[0\].second_map: missing \(expected a map"):
        unshaped_map(request, 0, "second_map", SOURCE, MapProviders())
