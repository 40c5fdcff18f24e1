"""Picture losses of the autoencoder, and the small discriminator that keeps its textures sharp."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def gradient_loss(a: Tensor, b: Tensor, scales: int = 3) -> Tensor:
    """Mean absolute difference of the pictures' gradients at several scales; inputs (n, 3, h, w)."""
    total = a.new_zeros(())
    for _ in range(scales):
        difference = a - b
        total = total + difference.diff(dim=-1).abs().mean() + difference.diff(dim=-2).abs().mean()
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    return total / scales


def dissimilarity(a: Tensor, b: Tensor) -> Tensor:
    """One minus the mean SSIM over windows of 7x7 pixels; inputs (n, 3, h, w) in -1..1."""
    mean_a, mean_b = functional.avg_pool2d(a, 7, 2), functional.avg_pool2d(b, 7, 2)
    var_a = functional.avg_pool2d(a * a, 7, 2) - mean_a**2
    var_b = functional.avg_pool2d(b * b, 7, 2) - mean_b**2
    covariance = functional.avg_pool2d(a * b, 7, 2) - mean_a * mean_b
    one, two = 4e-4, 3.6e-3
    ssim = (2 * mean_a * mean_b + one) * (2 * covariance + two)
    ssim = ssim / ((mean_a**2 + mean_b**2 + one) * (var_a + var_b + two))
    return 1 - ssim.mean()


def color_loss(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the pictures averaged over 8x8 pixels; inputs (n, 3, h, w)."""
    return (functional.avg_pool2d(a, 8) - functional.avg_pool2d(b, 8)).abs().mean()


def reconstruction_loss(a: Tensor, b: Tensor) -> Tensor:
    """The weighted sum the autoencoder is trained on, without its KL term; inputs (n, 3, h, w) in -1..1."""
    return (a - b).abs().mean() + 0.6 * gradient_loss(a, b) + 0.15 * dissimilarity(a, b) + color_loss(a, b)


def texture_loss(a: Tensor, b: Tensor, scales: int = 2) -> Tensor:
    """Mean absolute difference of how much texture there is, place by place, at several scales; inputs (n, 3, h, w).

    The amount is the root mean square of the gradients over 8x8 pixels: it asks for texture as rich as the original's
    and not for the same one, which a latent does not tell.
    """
    total = a.new_zeros(())
    for _ in range(scales):
        total = total + (_amount(a) - _amount(b)).abs().mean()
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    return total / scales


def energy_loss(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the pictures' whole gradient energies, as a share of the mean of `b`'s; inputs
    (n, 3, h, w). Where little of a picture is rich in texture that little decides, unlike in `texture_loss`."""
    mine, theirs = (
        picture.diff(dim=-1).square().mean((1, 2, 3)) + picture.diff(dim=-2).square().mean((1, 2, 3))
        for picture in (a, b)
    )
    return (mine - theirs).abs().mean() / theirs.mean().clamp(min=1e-5)


def _amount(picture: Tensor) -> Tensor:
    across = functional.avg_pool2d(picture.diff(dim=-1)[..., :-1, :].square(), 8, 4)
    down = functional.avg_pool2d(picture.diff(dim=-2)[..., :-1].square(), 8, 4)
    return torch.cat([across, down], 1).add(1e-5).sqrt()


class Discriminator(nn.Sequential):
    """A PatchGAN: says of each patch of a picture (n, 3, h, w) whether it looks real, (n, 1, h/8, w/8)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
            nn.GroupNorm(8, 2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),
            nn.GroupNorm(8, 4 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 3, 1, 1),
        )


def hinge(real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's loss from its answers to real and to decoded pictures."""
    return (functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()) / 2


def balance(reconstruction: Tensor, adversarial: Tensor, weight: nn.Parameter) -> Tensor:
    """Return the factor that makes both losses pull equally hard on the decoder's last `weight`."""
    first = torch.autograd.grad(reconstruction, weight, retain_graph=True)[0].norm()
    second = torch.autograd.grad(adversarial, weight, retain_graph=True)[0].norm()
    return (first / (second + 1e-6)).clamp(0, 100).detach()
