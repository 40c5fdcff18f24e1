"""What encoding leaves behind in a model engine and in its backend is taken back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pixels_ext.webui.model_state import preserve_model_state

VALUES = st.sampled_from(["kept", 3, None, torch.ones(2), torch.zeros(2)])
STATES = st.dictionaries(
    st.sampled_from(["ini_latent", "start_image", "ref_latents", "_last", "anything"]),
    VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.sampled_from("ab"), VALUES),
)


def snapshot(owner: Any) -> dict[str, Any]:
    """Every attribute by identity, and what is in it."""
    return {
        name: (id(value), [id(each) for each in (value.items() if isinstance(value, dict) else value)])
        if isinstance(value, list)
        else (id(value), {key: id(each) for key, each in value.items()} if isinstance(value, dict) else None)
        for name, value in vars(owner).items()
        if not name.startswith("__")
    }


def leave_behind(owner: Any, state: dict[str, Any], in_place: bool) -> None:
    for name, value in state.items():
        container = vars(owner).get(name)
        if in_place and isinstance(container, list):
            container.append(value)
        elif in_place and isinstance(container, dict):
            container["left"] = value
        else:
            setattr(owner, name, value)


@given(STATES, STATES, st.booleans(), st.sampled_from(["engine", "module", "class"]))
def test_whatever_an_engine_keeps_is_taken_back(
    before: dict[str, Any], left: dict[str, Any], in_place: bool, kind: str
) -> None:
    """Engines are plain objects or torch modules; Forge Neo's backend keeps its state in a class."""
    backend = ModuleType("backend.args")
    state: Any = type("dynamic_args", (), {})
    backend.dynamic_args = state  # type: ignore[attr-defined]
    engine: Any = torch.nn.Linear(1, 1) if kind == "module" else SimpleNamespace()
    owner = state if kind == "class" else engine
    for name, value in before.items():
        setattr(owner, name, value)
    expected = snapshot(owner)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "backend.args", backend)
        with preserve_model_state(engine):
            leave_behind(owner, left, in_place)
    assert snapshot(owner) == expected


def test_forges_dictionary_of_states_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = ModuleType("backend.args")
    backend.dynamic_args = {"online_lora": False}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "backend.args", backend)
    with preserve_model_state(SimpleNamespace()):
        backend.dynamic_args["ref_latents"] = [1]
    assert backend.dynamic_args == {"online_lora": False}


def test_parameters_that_encoding_moved_stay_where_they_are() -> None:
    model = torch.nn.Linear(1, 1)
    with preserve_model_state(model):
        moved = torch.nn.Parameter(torch.ones(1, 1))
        model.weight = moved
    assert model.weight is moved


def test_random_numbers_and_state_are_taken_back_when_encoding_fails() -> None:
    engine = SimpleNamespace(ini_latent=None)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)

    def encode() -> None:
        with preserve_model_state(engine):
            torch.rand(1)
            engine.ini_latent = "the exemplar"
            raise MemoryError

    with pytest.raises(MemoryError):
        encode()
    assert engine.ini_latent is None
    assert torch.rand(1) == expected


def test_what_is_kept_inside_of_a_dictionary_or_list_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = ModuleType("backend.args")
    latents, states = ["the source"], {"ref_latents": ["the source"]}
    backend.dynamic_args = {"ref_latents": latents}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "backend.args", backend)
    engine = SimpleNamespace(by_image=[states])
    with preserve_model_state(engine):
        latents.append("the exemplar")
        states["ref_latents"][0] = "the exemplar"
        engine.by_image.append({})
    assert backend.dynamic_args["ref_latents"] is latents
    assert latents == ["the source"]
    assert engine.by_image == [{"ref_latents": ["the source"]}]
    assert engine.by_image[0] is states


def test_a_list_that_holds_itself_is_looked_at_so_far() -> None:
    engine = SimpleNamespace(known=[])
    engine.known.append(engine.known)
    with preserve_model_state(engine):
        engine.known.append("the exemplar")
    assert len(engine.known) == 1


def test_the_random_numbers_of_all_devices_are_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `--device-id` the host's device is not the current one."""
    forked: list[list[int]] = []

    @contextmanager
    def fork_rng(devices: list[int]) -> Iterator[None]:
        forked.append(devices)
        yield

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.random, "fork_rng", fork_rng)
    with preserve_model_state(SimpleNamespace()):
        pass
    assert forked == [[0, 1, 2]]
