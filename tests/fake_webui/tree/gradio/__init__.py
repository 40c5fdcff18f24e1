"""Components that remember what they were made with, and nothing else."""

from __future__ import annotations

from typing import Any


def update(**changes: Any) -> dict[str, Any]:
    return {"__type__": "generic_update", **changes}


class Component:
    def __init__(self, value: Any = None, *, label: str | None = None, **settings: Any) -> None:
        self.value = value
        self.label = label
        self.elem_id = settings.get("elem_id")
        self.settings = settings


class HTML(Component):
    pass


class Textbox(Component):
    pass


class Button(Component):
    def click(self, fn: Any, inputs: list[Component], outputs: list[Component], **settings: Any) -> None:
        self.listener = fn, inputs, outputs, settings


class Number(Component):
    pass


class Checkbox(Component):
    pass


class Slider(Component):
    pass


class Dropdown(Component):
    pass


class Group:
    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Blocks(Group):
    pass
