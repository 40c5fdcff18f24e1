"""Training pictures encoded once, on disk in shards as they come, so that the denoiser trains on latents."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .crops import halved
from .machine import Machine
from .photographs import Photographs
from .scenes import Subject, shards, subject

LOOK_EVERY = 60.0
BATCH = {"cpu": 4, "cuda": 50}
PHOTO_SHARE = 0.1


def encoded(vae: AutoencoderKL, pictures: np.ndarray, machine: Machine) -> Tensor:
    """Return the scaled latents float16 (n, channels, h/8, w/8) of pictures uint8 (n, h, w, 3)."""
    found = []
    for part in np.array_split(pictures, max(1, len(pictures) // BATCH[machine.device])):
        tensor = torch.from_numpy(np.ascontiguousarray(part)).to(machine.device)
        tensor = tensor.permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.no_grad(), machine.autocast():
            mean = vae.encode(tensor.contiguous(memory_format=torch.channels_last)).latent_dist.mean
        found.append(mean.float() * vae.config.scaling_factor)
    return torch.cat(found).half().cpu()


def encode_all(
    vae: AutoencoderKL, scenes: Path, photographs: Photographs, out: Path, machine: Machine, over: Callable[[], bool]
) -> None:
    """Encode the scenes' shards, mirrored ones and views of photographs with them, into `out`, until `over` says so.

    Shards that are there already are kept. One shard at least is encoded.
    """
    out.mkdir(parents=True, exist_ok=True)
    vae.to(memory_format=torch.channels_last)  # twice as fast without gradients, on a CPU too
    for index, shard in enumerate(shards(scenes)):
        path = out / f"latents-{index:05d}.pt"
        if path.exists():
            continue
        if over() and index:
            return
        rng = np.random.default_rng((3, index))
        pictures = np.array(shard.pictures)
        turned = rng.random(len(pictures)) < 0.5
        families = np.array(
            [index if each.family is None else each.family for index, each in enumerate(shard.subjects)]
        )
        turned = turned[np.unique(families, return_index=True)[1]][np.unique(families, return_inverse=True)[1]]
        pictures[turned] = pictures[turned, :, ::-1]
        captions: list[Subject | tuple[str, ...]] = [*shard.subjects]
        if photographs.captioned:
            for _ in range(round(PHOTO_SHARE * len(captions))):
                view, words = photographs.view(rng, pictures.shape[1])
                pictures = np.concatenate([pictures, view[None]])
                captions.append(words)
        _save(path, encoded(vae, pictures, machine), encoded(vae, halved(pictures), machine), captions)


def _save(path: Path, large: Tensor, small: Tensor, captions: list[Subject | tuple[str, ...]]) -> None:
    records = [list(each) if isinstance(each, tuple) else vars(each) for each in captions]
    torch.save({"large": large, "small": small, "captions": records}, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


class Latents:
    """The latents that a folder has, at half and at whole size, in memory; shards that come later are taken in."""

    def __init__(self, folder: Path, seed: tuple[int, ...]) -> None:
        self._folder, self._rng = folder, np.random.default_rng(seed)
        self._known: set[Path] = set()
        self._large: list[Tensor] = []
        self._small: list[Tensor] = []
        self._captions: list[Subject | tuple[str, ...]] = []
        self._families: dict[int, list[tuple[int, Subject]]] = {}
        self._look()

    def __len__(self) -> int:
        return len(self._captions)

    def _look(self) -> None:
        for path in sorted(set(self._folder.glob("latents-*.pt")) - self._known):
            shard = torch.load(path, weights_only=True)
            self._known.add(path)
            self._large.extend(shard["large"])
            self._small.extend(shard["small"])
            for record in shard["captions"]:
                source = _caption_source(record)
                if isinstance(source, Subject) and source.family is not None:
                    self._families.setdefault(source.family, []).append((len(self._captions), source))
                self._captions.append(source)
        self._looked = time.monotonic()

    def draw(self, count: int, *, small: bool) -> tuple[Tensor, list[str]]:
        """Return latents (count, channels, h, w) float32 and newly drawn captions."""
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._look()
        source = self._small if small else self._large
        chosen = self._rng.integers(len(source), size=count)
        return torch.stack([source[index] for index in chosen]).float(), [self._caption(index) for index in chosen]

    def draw_changed(self, count: int, *, small: bool, same_land: bool = False) -> tuple[Tensor, Tensor, list[str]]:
        """Return latents, others of the same families, and captions that are true of the others alone.

        With `same_land` they differ in the time of day alone. Where there are no families yet, the others are
        the same and their captions true of them.
        """
        source = self._small if small else self._large
        families = list(self._families.values())
        shown, wanted, captions = [], [], []
        for _ in range(count):
            if families:
                members = families[self._rng.integers(len(families))]
                if same_land:
                    members = [member for member in members if member[1].kind == members[0][1].kind]
                places = self._rng.choice(len(members), 2, replace=False)
                (before, one), (after, other) = (members[place] for place in places)
                captions.append(other.caption_against(self._rng, one))
            else:
                before = after = int(self._rng.integers(len(source)))
                captions.append(self._caption(after))
            shown.append(source[before])
            wanted.append(source[after])
        return torch.stack(shown).float(), torch.stack(wanted).float(), captions

    def _caption(self, index: int) -> str:
        source = self._captions[index]
        if isinstance(source, Subject):
            return source.caption(self._rng)
        return source[self._rng.integers(len(source))]


def _caption_source(record: dict | list[str]) -> Subject | tuple[str, ...]:
    if isinstance(record, list):
        return tuple(record)
    return subject(record)
