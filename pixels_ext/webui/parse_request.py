"""From a script's arguments to the checked request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import HTTPException
from PIL import Image

from pixels_ext.errors import RequestError, describe, one_line, printable
from pixels_ext.imaging.hash import HASH_PREFIX
from pixels_ext.imaging.images import check_still, image_from_base64
from pixels_ext.request import EditRequest, from_json
from pixels_ext.webui.settings import Limits, limits

ARGUMENT = "script_args[0]"
_EXPECTED = "an image as base64 or data URL"
_ADDRESSES = ("http://", "https://")


def parse_script_argument(argument: object) -> dict[str, Any] | None:
    """The request as JSON values from a script's first argument: an object from the API, a JSON text from the page,
    `None` when there is none. Raises `RequestError` for anything else."""
    if argument is None or (isinstance(argument, str) and not argument.strip()):
        return None
    expected = "a PIXELS request: an object, or its JSON text"
    if isinstance(argument, str):
        try:
            argument = json.loads(argument)
        except (ValueError, RecursionError) as error:
            raise RequestError(ARGUMENT, f"is not JSON ({error})", expected) from None
    if not isinstance(argument, Mapping):
        raise RequestError(ARGUMENT, describe(argument), expected)
    return dict(argument)


def read_request(
    data: Mapping[str, Any], decode: Callable[[str], Image.Image], allowed: Limits | None = None
) -> EditRequest:
    """The checked request. `decode`: the host's own function from a URL to an image, with the host's own rules about
    URLs. `allowed`: the limits of the settings, or what the caller overrides them with. Raises `RequestError`."""
    most, given = allowed or limits(), data.get("exemplars")
    if isinstance(given, list) and len(given) > most.exemplars:
        expected = f"at most {most.exemplars}, by this WebUI's settings"
        raise RequestError("exemplars", f"has {len(given)} entries", expected)
    return from_json(data, lambda text: read_image(text, decode, most.pixels))


def read_source(text: str, decode: Callable[[str], Image.Image]) -> Image.Image:
    """The source of a query before a generation, in the colors of its file: the host ignores its color profile as well.
    Raises `RequestError` naming "source"."""
    allowed = limits()
    try:
        return read_image(text, decode, allowed.pixels)
    except RequestError as error:
        raise error.within("source") from None


def read_image(text: str, decode: Callable[[str], Image.Image], limit: int) -> Image.Image:
    """The image in a text: complete, not animated and of at most `limit` pixels. `decode` as for `read_request`. Raises
    `RequestError` (with an empty path)."""
    if text.startswith(HASH_PREFIX):
        raise RequestError("", f"is known by its hash alone ({printable(text)})", "the image; add it to its card again")
    if not text.startswith(_ADDRESSES):
        # The hosts skip what is not base64, and decode images of whatever size.
        return image_from_base64(text, limit)
    try:
        decoded = decode(text)
        check_still(decoded, limit)
        decoded.load()  # the hosts may not have: that it is truncated would only show in the middle of an edit
    except RequestError:
        raise
    except HTTPException as error:
        raise RequestError("", f"is refused by the WebUI ({error.detail})", _EXPECTED) from None
    except Exception as error:  # a network error, a broken file: the hosts pass on whatever is raised
        raise RequestError("", f"cannot be read ({one_line(error)})", _EXPECTED) from None
    return decoded
