"""Forge's own flow models: do we noise as their predictors do?

PIXELS_HOST_SOURCE=/path/to/forge pytest tests/webui/test_flow_predictors.py
"""

from __future__ import annotations

import importlib.util
import math
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from fake_webui.host import Host

pytest_plugins = ["fake_webui.fixtures"]

FILE = Path(os.environ.get("PIXELS_HOST_SOURCE", "/nowhere")) / "backend" / "modules" / "k_prediction.py"
PREDICTORS: dict[str, tuple[str, dict[str, Any]]] = {
    "Flux": ("PredictionFlux", {}),
    "Flux, a fixed shift": ("PredictionFlux", {"mu": 1.0}),
    "SD3": ("PredictionDiscreteFlow", {"shift": 3.0}),
    "unshifted flow": ("PredictionDiscreteFlow", {}),
    "epsilon": ("Prediction", {"prediction_type": "epsilon"}),
    "v": ("Prediction", {"prediction_type": "v_prediction"}),
}


class Shift:
    """The shift of timesteps in diffusers; newer versions ask their scheduler's settings, of which Forge gives none."""

    @staticmethod
    def time_shift(_: object, mu: float, sigma: float, t: torch.Tensor) -> torch.Tensor:
        return math.exp(mu) / (math.exp(mu) + (1 / t - 1) ** sigma)


class Sampler:
    """What noising asks of a host's sampler: the model's predictor."""

    def __init__(self, predictor: Any) -> None:
        self.model_wrap = self
        self.predictor = predictor


@pytest.fixture(scope="module")
def predictors() -> ModuleType:
    if not FILE.is_file():
        pytest.skip("needs PIXELS_HOST_SOURCE, the folder of a Forge (backend/modules/k_prediction.py)")
    pytest.importorskip("diffusers")
    spec = importlib.util.spec_from_file_location("forge_predictors", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["FlowMatchEulerDiscreteScheduler"] = Shift
    return module


@pytest.mark.parametrize("name", PREDICTORS)
def test_we_noise_as_the_predictor_at_every_sigma(host: Host, predictors: ModuleType, name: str) -> None:
    kind, settings = PREDICTORS[name]
    predictor = getattr(predictors, kind)(**settings)
    scales = host.module("webui.sampler_hook").sampler_noising(Sampler(predictor), None, by_timestep=False)
    generator = torch.Generator().manual_seed(1)
    latent, noise = (torch.randn(1, 16, 8, 8, generator=generator) for _ in range(2))
    for sigma in predictor.sigmas:
        theirs = predictor.noise_scaling(sigma, noise.clone(), latent.clone(), max_denoise=False)
        signal, scale = scales(float(sigma))
        torch.testing.assert_close(signal * latent + scale * noise, theirs, atol=1e-5, rtol=1e-5)
        if predictor.prediction_type == "const":
            assert (signal, scale) == pytest.approx((1 - float(sigma), float(sigma)), abs=1e-6)
