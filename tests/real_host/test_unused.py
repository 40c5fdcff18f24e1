"""Invisible when unused: a request without PIXELS gets the same answer from a WebUI with it and from one without."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .comparable_responses import Leaves, differing, is_ours, leaves, without_ours
from .plain_requests import GENERATIONS, PlainRequest, of_infotext
from .webui_client import Answer, WebUI

MAX_TEXTS, MAX_DIFFERENCES = 60, 8
Different = dict[str, tuple[Any, Any]]


class Log:
    """What was compared so far."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}
        self.whole, self.in_part = 0, 0


@pytest.fixture(scope="module")
def log() -> Log:
    return Log()


class Pair:
    """The host without the extension and the one with it, alike but for that."""

    def __init__(self, plain: WebUI, ours: WebUI) -> None:
        self.plain, self.ours = plain, ours
        self.hosts = (plain, ours)
        self.before = [settings_of(one) for one in self.hosts]

    def different_settings(self) -> Different:
        plain, ours = (leaves(one, {"settings": without_ours(settings_of(one))}) for one in self.hosts)
        return differing(plain, ours)

    def restore_settings(self) -> None:
        """Give both hosts the settings that they had."""
        for one, before in zip(self.hosts, self.before, strict=True):
            now = settings_of(one)
            changed = {name: value for name, value in before.items() if now.get(name) != value}
            one.call("/sdapi/v1/options", changed)


def settings_of(host: WebUI) -> dict[str, Any]:
    return host.call("/sdapi/v1/options").body


@pytest.fixture(scope="module")
def both(plain_host: WebUI, host: WebUI) -> Iterator[Pair]:
    pair = Pair(plain_host, host)
    with_it = [any(is_ours(each) for each in one.call("/sdapi/v1/scripts").body["img2img"]) for one in pair.hosts]
    assert with_it == [False, True], "PIXELS_HOST_PLAIN is to have no PIXELS, and PIXELS_HOST is to have it"
    left = pair.different_settings()
    assert not left, f"start both hosts with a fresh data folder; their settings differ:\n{format_differences(left)}"
    yield pair
    pair.restore_settings()


def send_to_both(both: Pair, request: PlainRequest) -> tuple[Answer, Answer]:
    """Both answers; the hosts work at the same time."""
    with ThreadPoolExecutor(2) as pool:
        plain, ours = pool.map(lambda one: one.call(request.path, request.body), both.hosts)
    return plain, ours


def differences_between(both: Pair, request: PlainRequest, log: Log) -> Different:
    """What differs between the two, settings included, but for what the plain host itself does not answer twice
    alike."""
    plain, ours = send_to_both(both, request)
    settings = both.different_settings()  # before the plain host is asked again, which may change them once more
    log.texts.update(dict.fromkeys(infotexts(request, plain)))
    seen = comparable_answer(both.plain, request, plain)
    different = differing(seen, comparable_answer(both.ours, request, ours))
    if not different:
        log.whole += 1
        return settings
    unstable = differing(seen, comparable_answer(both.plain, request, both.plain.call(request.path, request.body)))
    log.in_part += bool(unstable)
    both.restore_settings()
    return {**settings, **{path: pair for path, pair in different.items() if path not in unstable}}


def comparable_answer(host: WebUI, request: PlainRequest, answer: Answer) -> Leaves:
    """The answer, and its status. What the host lists is compared without our entries, generations whole."""
    body = without_ours(answer.body) if request.body is None else answer.body
    return leaves(host, {"status": answer.status, "body": body})


def infotexts(request: PlainRequest, answer: Answer) -> list[str]:
    """The parameters of a generation, where they name a small image."""
    if answer.status != 200 or request.path not in GENERATIONS:
        return []
    return [text for text in answer.info["infotexts"] if "Size: 64x64" in text]


def format_differences(different: Different) -> str:
    lines = [f"{path}\n  without: {str(a)[:300]}\n  with:    {str(b)[:300]}" for path, (a, b) in different.items()]
    return "\n".join(
        [
            *lines[:MAX_DIFFERENCES],
            *([f"and {len(lines) - MAX_DIFFERENCES} more"] if len(lines) > MAX_DIFFERENCES else []),
        ]
    )


def check(both: Pair, request: PlainRequest, log: Log) -> None:
    different = differences_between(both, request, log)
    if different:
        both.restore_settings()  # or the next request finds the two hosts in different states
        pytest.fail(format_differences(different), pytrace=False)


def test_a_plain_request_is_answered_alike(both: Pair, plain_request: PlainRequest, log: Log) -> None:
    check(both, plain_request, log)


def test_the_hosts_own_infotexts_are_taken_alike(both: Pair, log: Log) -> None:
    assert log.texts, "no request before this one gave an infotext"
    for number, text in enumerate(list(log.texts)[:MAX_TEXTS]):
        for path in GENERATIONS:
            check(both, of_infotext(path, text, str(number)), log)


def test_nearly_all_answers_were_compared_whole(log: Log) -> None:
    print(f"{log.whole} answers alike in all, {log.in_part} but for what the host makes at random")
    assert log.whole > 9 * log.in_part


def test_the_page_has_only_ours_besides(both: Pair) -> None:
    plain, ours = (_named_components(one) for one in both.hosts)
    if not plain:
        pytest.skip("the host has no page (--nowebui)")
    assert [name for name in plain if name not in ours] == []
    assert [name for name in ours if name not in plain and "pixels" not in " ".join(map(str, name)).lower()] == []
    for name, choices in plain.items():
        assert ours[name] == choices, name


def _named_components(host: WebUI) -> dict[tuple[Any, ...], list[Any]]:
    """The choices of each component that has a name or a label, ours left out; how many there are of them."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for component in host.page:
        name = tuple(component["props"].get(key) for key in ("elem_id", "label"))
        if any(name):
            choices = [each for each in component["props"].get("choices") or [] if "pixels" not in str(each).lower()]
            found.setdefault((component["type"], *name), []).append(choices)
    return found
