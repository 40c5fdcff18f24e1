"""The panel's form by the schema: its fields, other values for them, and the request that Python reads."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

from PIL import Image
from playwright.sync_api import Locator

from pixels_ext.request import EditRequest, from_json, json_schema

SCHEMA = json_schema()
CARD = SCHEMA["properties"]["exemplars"]["items"]
EDIT = {name: field for name, field in SCHEMA["properties"].items() if name != "exemplars"}


def decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text.partition(",")[2] or text)))


def read(text: str) -> EditRequest:
    """The request as the engine reads what the panel sent."""
    return from_json(json.loads(text), decoded)


def leaves(schema: dict[str, Any], *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Path and schema of every field that is neither an image nor a group."""
    for name, field in schema["properties"].items():
        if field.get("type") == "object":
            yield from leaves(field, *path, name)
        elif "contentMediaType" not in field and "anyOf" not in field:
            yield (*path, name), field


def located(within: Locator, path: tuple[str, ...]) -> Locator:
    """The field at a path of an object that is drawn in `within`; its fold is opened."""
    for group in path[:-1]:
        within = within.locator(f"details[data-field={group}]")
        if within.get_attribute("open") is None:
            within.locator("summary").click()
    return within.locator(f".pixels-field[data-field={path[-1]}]")


def another(field: dict[str, Any]) -> Any:
    """A value that is not the default."""
    if "enum" in field:
        return next(value for value in field["enum"] if value != field["default"])
    if field["type"] == "boolean":
        return not field["default"]
    return round(min(field["default"] + 3 * field["x-step"], field["maximum"] - field["x-step"]), 6)


def give(control: Locator, field: dict[str, Any], value: Any) -> None:
    if "enum" in field:
        control.locator("select").select_option(label=value.replace("_", " "))
    elif field["type"] == "boolean":
        control.locator("input[type=checkbox]").click()
    else:
        control.locator("input[type=number]").fill(str(value))
