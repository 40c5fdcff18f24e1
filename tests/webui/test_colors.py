"""In a WebUI an exemplar has the colors that it shows, and the source is the host's own."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import smooth
from helpers.icc_profiles import DISPLAY_P3, rgb_profile
from PIL import Image

from pixels_ext.imaging.color import to_srgb
from pixels_ext.imaging.hash import image_hash
from pixels_ext.request import EditRequest, Exemplar

pytest_plugins = ["fake_webui.fixtures"]


def data_of(image: Image.Image, profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", icc_profile=profile)
    return file.getvalue()


def read(host: Host, image: str, edit_map: str) -> EditRequest:
    decode = host.module("api.api").decode_base64_to_image
    data = {"exemplars": [{"image": image, "edit_map": edit_map}]}
    request: EditRequest = host.module("webui.parse_request").read_request(data, decode)
    return request


def test_exemplars_are_converted_and_maps_and_sources_are_not(host: Host) -> None:
    data = data_of(smooth(2), rgb_profile(DISPLAY_P3))
    text = base64.b64encode(data).decode()
    (exemplar,) = read(host, text, text).exemplars
    shown = to_srgb(Image.open(io.BytesIO(data)))
    assert np.abs(np.asarray(shown, int) - np.asarray(smooth(2), int)).max() > 10
    assert exemplar.image.tobytes() == shown.tobytes()
    assert isinstance(exemplar.edit_map, Image.Image)
    assert exemplar.edit_map.tobytes() == smooth(2).tobytes()
    source = host.module("webui.parse_request").read_source(text, host.module("api.api").decode_base64_to_image)
    assert source.tobytes() == smooth(2).tobytes()


@pytest.mark.parametrize("writing", ["URL-safe", "in lines", "without padding", "data URL with parameters"])
def test_base64_is_read_as_tools_write_it(host: Host, writing: str) -> None:
    data = data_of(smooth(2))
    text = {
        "URL-safe": base64.urlsafe_b64encode(data).decode(),
        "in lines": base64.encodebytes(data).decode(),
        "without padding": base64.b64encode(data).decode().rstrip("="),
        "data URL with parameters": f"data:image/png;name=a.png;charset=x;base64,{base64.b64encode(data).decode()}",
    }[writing]
    assert read(host, text, text).exemplars[0].image.tobytes() == smooth(2).tobytes()


GRAYS = np.arange(64).reshape(8, 8) * 1000
KINDS = {
    "I": Image.fromarray(GRAYS.astype(np.int32)),
    "F": Image.fromarray((GRAYS / 65535).astype(np.float32)),
    "I;16B": Image.frombytes("I;16B", (8, 8), GRAYS.astype(">u2").tobytes()),
    "LAB": Image.new("LAB", (8, 8), (90, 30, 60)),
    "PA": Image.new("PA", (8, 8)),
    "RGBa": Image.new("RGBA", (8, 8), (9, 99, 200, 90)).convert("RGBa"),
    "CMYK": Image.new("CMYK", (8, 8), (9, 99, 200, 90)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_of_every_kind_are_saved_and_found_again_as_the_same(host: Host, tmp_path: Path, kind: str) -> None:
    host.shared.opts.outdir_samples = str(tmp_path)
    stored, image = host.module("webui.input_files"), KINDS[kind]
    assert image.mode == kind
    stored.save_inputs(EditRequest(exemplars=(Exemplar(image=smooth(2), edit_map=image),)))
    text = stored.load_input(image_hash(image))
    assert text is not None
    again = read(host, text, text).exemplars[0]
    assert isinstance(again.edit_map, Image.Image)
    assert image_hash(again.edit_map) == image_hash(again.image) == image_hash(image)
    stored.save_inputs(EditRequest(exemplars=(again,)))
    assert len(list((tmp_path / "pixels-inputs").iterdir())) == 2
