"""From what a host hands to a script to the request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import HTTPException
from PIL import Image

from pixels_ext.errors import RequestError, describe
from pixels_ext.pictures import MOST_PIXELS
from pixels_ext.request import EditRequest, from_json

ARGUMENT = "script_args[0]"
MISSING_PICTURE = "sha256:"
"""How a picture that is known by its hash alone is written in a request."""
_EXPECTED = "a picture as base64 or data URL"


def given_data(argument: object) -> dict[str, Any] | None:
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


def read_request(data: Mapping[str, Any], decode: Callable[[str], Image.Image]) -> EditRequest:
    """The checked request. `decode` is the host's own function from base64, data URL or address to a picture, with the
    host's own rules about addresses. Raises `RequestError`."""

    def picture(text: str) -> Image.Image:
        if text.startswith(MISSING_PICTURE):
            raise RequestError("", f"is known by its hash alone ({text})", "the picture; put it into its card again")
        try:
            decoded = decode(text)
            if decoded.width * decoded.height > MOST_PIXELS:
                found = f"is {decoded.width}x{decoded.height}"
                raise RequestError("", found, f"at most {MOST_PIXELS // 1_000_000} megapixels")
            decoded.load()  # the hosts only open it: that it is cut off would be found out in the middle of an edit
        except RequestError:
            raise
        except HTTPException as error:
            raise RequestError("", f"is refused by the WebUI ({error.detail})", _EXPECTED) from None
        except Exception as error:  # half a data URL, a net that fails, a broken file: the hosts pass on what they meet
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:100]
            raise RequestError("", f"cannot be read ({reason})", _EXPECTED) from None
        return decoded

    return from_json(data, picture)
