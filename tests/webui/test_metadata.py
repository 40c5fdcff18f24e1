"""`metadata.ini`, as AUTOMATIC1111 1.9 and later read it (`modules/extensions.py`)."""

from __future__ import annotations

import ast
import configparser
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_webui.host import EXTENSION

FOLDER = os.environ.get("PIXELS_HOST_SOURCE")
FILE = EXTENSION / "metadata.ini"


def read() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read_string(FILE.read_text(encoding="ascii"))  # the host reads it in the encoding of the machine
    return config


def test_the_extension_has_a_name() -> None:
    assert read().get("Extension", "Name") == "sd-webui-pixels"


def test_nothing_in_it_depends_on_the_name_of_the_folder() -> None:
    """The host takes the folder's name for the extension's, and reports an error for each section `callbacks/NAME/...`
    with another; and scripts that it does not have."""
    assert read().sections() == ["Extension"]
    assert not read().has_option("Extension", "Requires")


def host_class() -> Any:
    """The host's own reader, taken from its source."""
    if not FOLDER:
        pytest.skip("PIXELS_HOST_SOURCE does not say where a WebUI's folder is")
    tree = ast.parse((Path(FOLDER) / "modules" / "extensions.py").read_text(encoding="utf-8-sig"))
    names = ("ExtensionMetadata", "CallbackOrderInfo")
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in names]

    def report(message: str, **_: Any) -> None:
        raise AssertionError(message)

    space: dict[str, Any] = {"configparser": configparser, "os": os, "re": re, "loaded_extensions": {}}
    space |= {"errors": SimpleNamespace(report=report), "dataclasses": __import__("dataclasses")}
    exec(compile(tree, "extensions.py", "exec"), space)
    return space["ExtensionMetadata"]


@pytest.mark.parametrize("folder", ["sd-webui-pixels", "Pixels", "stable-diffusion-webui-pixels-main"])
def test_the_host_reads_it_without_an_error_whatever_the_folder_is_called(folder: str) -> None:
    metadata = host_class()(str(EXTENSION), folder)
    assert metadata.config.get("Extension", "Name") == "sd-webui-pixels"
    assert metadata.get_script_requirements("Requires", "Extension") == []
    assert list(metadata.list_callback_order_instructions()) == []
