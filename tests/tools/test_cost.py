"""The command that measures the cost: models of real size, backends, and the table."""

from __future__ import annotations

import pytest
import torch
from cost import in_diffusers, models, report
from cost.inputs import AGAIN, PLAIN, Run, by_turns, edit_map, named
from helpers.tiny_models import sd21

MILLION = 1e6


@pytest.mark.parametrize(("name", "unet"), [("SD1.5", 859.5), ("SDXL", 2567.5)])
def test_the_models_are_of_real_size(name: str, unet: float) -> None:
    pipeline = models.MODELS[name]("meta", torch.float16)
    assert sum(each.numel() for each in pipeline.unet.parameters()) / MILLION == pytest.approx(unet, abs=0.1)
    assert sum(each.numel() for each in pipeline.vae.parameters()) / MILLION == pytest.approx(83.65, abs=0.01)


def test_every_kind_of_edit_is_timed_and_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models.MODELS, "tiny", lambda device, dtype: sd21("epsilon"))
    records = list(in_diffusers.measured(Run("tiny", 64, 4, 0.5, rounds=2), "cpu", "fp32"))
    kinds = [PLAIN, AGAIN, named(1), named(8)]
    timed, weighed = records[:8], records[8:]
    assert [(each["round"], each["edit"]) for each in timed] == list(by_turns(kinds, 2))
    for each in timed:
        assert each["seconds"] > each["denoising"] > each["ours"] >= 0
        assert (each["ours"] > 0) == (each["edit"] not in (PLAIN, AGAIN))
    assert [each["edit"] for each in weighed] == kinds
    plain, again, one, eight = (each["bytes_denoising"] for each in weighed)
    latent = 4 * 4 * 8 * 8  # float32
    assert plain == again < one < plain + 10 * latent  # the source, its noise, and the noised source
    assert eight < one + 2 * latent


def test_no_kind_always_has_the_same_turn() -> None:
    orders = [[name for number, name in by_turns("abcd", 4) if number == turn] for turn in range(4)]
    assert orders[0] == list("abcd")
    assert all(sorted(order) == orders[0] for order in orders)
    assert orders[1] == orders[0][::-1]
    for name in "abcd":
        turns = [order.index(name) for order in orders]
        assert min(turns) < 2 <= max(turns), "in the first half of a round as in the second"
        before = {order[order.index(name) - 1] for order in orders if order.index(name)}
        assert len(before) > 1, "and not always after the same kind"


def test_the_table_compares_rounds_with_themselves() -> None:
    def record(edit: str, number: int, seconds: float) -> in_diffusers.Record:
        return {"edit": edit, "round": number, "seconds": seconds, "denoising": seconds / 2, "bytes": 10**6 * len(edit)}

    # The machine was half as fast in the second round; in each of them an edit took a tenth longer.
    records = [record("a", 0, 10), record("bb", 0, 11), record("a", 1, 20), record("bb", 1, 22)]
    assert report.paired(records, "bb", "a", "seconds") == pytest.approx([0.1, 0.1])
    row = report.compared(records).splitlines()[-1]
    assert row == "| bb | 16.50 s | +10.00 % (+10.0 to +10.0) | +10.00 % (+10.0 to +10.0) | +1.00 MB at most |"


@pytest.mark.parametrize("count", [1, 8])
def test_maps_hold_some_places_to_the_end_and_release_some_at_once(count: int) -> None:
    for index in range(count):
        lowest, highest = edit_map(index, max(count, 2), 64).getextrema()
        assert (lowest, highest) == (0, 255)
