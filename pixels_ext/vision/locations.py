"""Where a model's files are: a folder, the hub's cache, or the hub itself when that is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pixels_ext.errors import RequestError

DEPTH_MODEL = "Intel/dpt-hybrid-midas"
"""The usual model for depth, by its name on the hub (123 M parameters)."""
WORDS_MODEL = "CIDAS/clipseg-rd64-refined"
"""The usual model for words, by its name on the hub (150 M parameters)."""
_CONFIG = "config.json"


@dataclass(frozen=True)
class ModelLocations:
    """Names of the two models, and where they may come from.

    `depth`, `words`: a folder with the model's files, or its name on the hub. `folder`: where folders with that name,
    or with its last part, are looked for. `download`: whether the hub may be asked.
    """

    depth: str = DEPTH_MODEL
    words: str = WORDS_MODEL
    folder: Path | None = None
    download: bool = False

    def name(self, kind: str) -> str:
        """The name of the model for "depth" or "words"."""
        return {"depth": self.depth, "words": self.words}[kind]

    def located(self, kind: str) -> str:
        """What transformers loads the model from: a folder, or a name on the hub. Raises `RequestError`, which says
        what was looked for, where, and what to put there."""
        name = self.name(kind)
        if not name.strip():  # as a folder it would be the present one, where a WebUI has a config.json of its own
            expected = "a folder, or a name on the hub, where models are named; or another type"
            raise RequestError("type", f"is {kind!r}, but no model is named for it", expected)
        folders = self._folders(name)
        for folder in folders:
            if (folder / _CONFIG).is_file():
                return str(folder)
        if self.download or _is_in_the_hubs_cache(name):
            return name
        places = " or ".join(map(repr, map(str, folders[1:] or folders)))
        raise RequestError(
            "source",
            f"is {kind!r}, but its model {name!r} was found neither in {places} nor in the hub's cache",
            f"its files ({_CONFIG}, preprocessor_config.json, weights, ...) there, or downloading allowed",
        )

    def _folders(self, name: str) -> list[Path]:
        below = [self.folder / name, self.folder / name.rpartition("/")[2]] if self.folder else []
        return list(dict.fromkeys([Path(name), *below]))


def _is_in_the_hubs_cache(name: str) -> bool:
    # Part of transformers' own requirements, and slow to import.
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.utils import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(name, _CONFIG), str)
    except HFValidationError:  # a path, not a name of the hub
        return False
