"""Options, command line, state and the loaded model."""

from __future__ import annotations

from time import perf_counter
from types import SimpleNamespace
from typing import Any


class OptionInfo:
    def __init__(
        self,
        default: Any = None,
        label: str = "",
        component: Any = None,
        component_args: dict[str, Any] | None = None,
        section: tuple[str, str] | None = None,
    ) -> None:
        self.default, self.label, self.section = default, label, section
        self.component, self.component_args = component, component_args
        self.comment_after = ""

    def info(self, text: str) -> OptionInfo:
        self.comment_after += text
        return self


class Options:
    """Settings as attributes, with the defaults of those that extensions add."""

    def __init__(self) -> None:
        self.__dict__["data"] = {}
        self.__dict__["data_labels"] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.data:
            return self.data[name]
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.data[name] = value

    def set(self, name: str, value: Any, *, is_api: bool = False, run_callbacks: bool = True) -> None:
        """The type is not checked."""
        if name not in self.data:
            raise KeyError(name)
        self.data[name] = value

    def add_option(self, key: str, info: OptionInfo) -> None:
        self.data_labels[key] = info
        self.data.setdefault(key, info.default)


class State:
    """The state that a generation shares with the page."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, job: str = "") -> None:
        self.interrupted = self.skipped = False
        self.sampling_step = self.sampling_steps = 0
        self.time_start = perf_counter()
        self.job, self.job_count, self.job_no = job, -1, 0

    def nextjob(self) -> None:
        self.job_no += 1
        self.sampling_step = 0

    def progress(self) -> float:
        """Of the progress bar, as `/internal/progress` answers it."""
        progress = 0.0
        if self.job_count > 0:
            progress += self.job_no / self.job_count
        if self.sampling_steps > 0 and self.job_count > 0:
            progress += 1 / self.job_count * self.sampling_step / self.sampling_steps
        return min(progress, 1)


opts = Options()
state = State()
cmd_opts = SimpleNamespace(api=True, nowebui=False, api_auth=None)
sd_model: Any = None
params_txt = ""
"""The file of this name: the parameters of the last generation, written before it samples."""
device = "cpu"
