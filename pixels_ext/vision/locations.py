"""Where a vision model's files are: in a folder, in the hub's cache, or on the hub if downloads are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pixels_ext.errors import RequestError
from pixels_ext.vision.registry import MODEL_KINDS

_CONFIG = "config.json"


@dataclass(frozen=True)
class ModelLocations:
    """Which model to use for each kind, and where its files may come from.

    `names`: for each kind in `MODEL_KINDS`, a folder with the model's files or its name on the hub; kinds that are not
    named use their default. `folder`: where to look for subfolders with that name, or with its last part.
    `allow_download`: whether to download from the hub.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    allow_download: bool = False

    def name(self, kind: str) -> str:
        """The name of the model of this kind."""
        return self.names.get(kind, MODEL_KINDS[kind].default)

    def find(self, kind: str) -> str:
        """What transformers can load the model from: a folder, or a name on the hub. Raises `RequestError`, which says
        what was missing, where, and what to put there."""
        name = self.name(kind)
        if not name.strip():  # as a path it would be the current folder; that of a WebUI has a config.json
            expected = "a folder, or a name on the hub, where models are named; or another type"
            raise RequestError("type", f"is {kind!r}, but no model is named for it", expected)
        folders = self._folders(name)
        for folder in folders:
            if (folder / _CONFIG).is_file():
                return str(folder)
        if self.allow_download or _is_in_hub_cache(name):
            return name
        searched = " or ".join(map(repr, map(str, folders[1:] or folders)))
        raise RequestError(
            "type",
            f"is {kind!r}, but its model {name!r} was found neither in {searched} nor in the hub's cache",
            f"its files ({_CONFIG}, preprocessor_config.json, weights, ...) there, or downloading allowed",
        )

    def _folders(self, name: str) -> list[Path]:
        below = [self.folder / name, self.folder / name.rpartition("/")[2]] if self.folder else []
        return list(dict.fromkeys([Path(name), *below]))


def _is_in_hub_cache(name: str) -> bool:
    # A dependency of transformers, and slow to import.
    from huggingface_hub import try_to_load_from_cache

    try:
        return isinstance(try_to_load_from_cache(name, _CONFIG), str)
    except ValueError:  # HFValidationError: a path and not a name on the hub
        return False
