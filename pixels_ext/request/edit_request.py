"""The request: everything that an edit is told, besides what the host knows already (source, prompt, sampler, ...).

These dataclasses, and those of `pixels_ext.maps`, are the one table of fields. Documentation, JSON schema, command line
flags and the parameters text are made from them.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from pixels_ext.core.thresholds import THRESHOLDS
from pixels_ext.fields import Checked, Choice, Group, GroupList, ImageField, ImageOrMapSpec, Boolean, declare
from pixels_ext.imaging.mask_ops import COMBINATIONS
from pixels_ext.imaging.placement import Placement
from pixels_ext.imaging.shaping import Shaping
from pixels_ext.maps import MAP_TYPES, MapSpec

MAX_EXEMPLARS = 32


@dataclass(frozen=True, kw_only=True)
class Exemplar(Checked):
    """One exemplar: a picture to take from, and the map that says where and how much."""

    image: Image.Image = declare(ImageField(label="Exemplar", help="The picture that inspires the edit.", colored=True))
    edit_map: Image.Image | MapSpec = declare(
        ImageOrMapSpec(
            label="Edit map",
            help="A grey picture over the source, or how to make one: white keeps the source, black becomes the "
            "exemplar, every grey between is re-imagined for a part of the denoising. A picture may have any size, "
            "with the source's aspect.",
            models=MAP_TYPES,
            shaping="shaping",
        )
    )
    threshold: str | None = declare(
        Choice(
            label="Threshold",
            help="This exemplar's own threshold; none means the edit's.",
            default=None,
            choices=tuple(THRESHOLDS),
            optional=True,
        )
    )
    placement: Placement = declare(Group(label="Placement", help="Where the exemplar lies.", model=Placement))
    shaping: Shaping = declare(Group(label="Map shaping", help="What is done to the edit map first.", model=Shaping))
    second_map: Image.Image | MapSpec | None = declare(
        ImageOrMapSpec(
            label="Second map",
            help="Another map, combined with the first: “the sky, but fading to the left” is words and a gradient.",
            default=None,
            optional=True,
            models=MAP_TYPES,
            shaping="second_shaping",
        )
    )
    combine: str = declare(
        Choice(
            label="Combine maps by",
            help="Larger becomes the exemplar only where both maps do (the lighter grey counts), screen the same with "
            "softer greys; smaller where either does (the darker grey counts), product the same with softer greys.",
            default="intersect",
            choices=tuple(COMBINATIONS),
            needs="second_map",
        )
    )
    second_shaping: Shaping = declare(
        Group(
            label="Second map shaping",
            help="What is done to the second map before they are combined.",
            model=Shaping,
            needs="second_map",
        )
    )


@dataclass(frozen=True, kw_only=True)
class EditRequest(Checked):
    """A whole edit: its exemplars, and what holds for all of them."""

    exemplars: tuple[Exemplar, ...] = declare(
        GroupList(
            label="Exemplars",
            help="The exemplars, later ones on top.",
            model=Exemplar,
            minimum=1,
            maximum=MAX_EXEMPLARS,
        )
    )
    threshold: str = declare(
        Choice(
            label="Threshold",
            help="How map greys turn into time. Linear is the paper's default; log lets the model imagine more (more "
            "realistic), quadratic and cubic less (closer to the source), sigmoid is close to linear.",
            default="linear",
            choices=tuple(THRESHOLDS),
        )
    )
    mode: str = declare(
        Choice(
            label="Mode",
            help="All exemplars in a single pass (Algorithm 2), or one after another, each result being the next "
            "source (Algorithm 1 repeated).",
            default="single-pass",
            choices=("single-pass", "iterative"),
        )
    )
    white_means: str = declare(
        Choice(
            label="White in map pictures means",
            help="Keep (the paper's): white keeps the source. Edit (as in inpainting): white becomes the exemplar. "
            "This is about maps given as pictures; generated maps say themselves what becomes the exemplar.",
            default="source",
            choices=("source", "exemplar"),
        )
    )
    keep_white: bool = declare(
        Boolean(
            label="Keep white pixels",
            help="Put the source's own pixels back where the map is white, with a soft edge inside the white. The "
            "paper does not: there, white passes through one denoising step and the autoencoder.",
            default=False,
        )
    )
    substep_release: bool = declare(
        Boolean(
            label="Smoother gradients at few steps",
            help="For few steps (4 to 8) with samplers that keep their noise (not LCM, nor those with an a or SDE in "
            "their name): a place whose moment lies within a step is held for that part of it, so that gradients have "
            "more greys than there are steps. The paper releases only as a step begins.",
            default=False,
        )
    )
    run_under_scripts: bool = declare(
        Boolean(
            label="Also run under other scripts",
            help="In the WebUI: also edit when another script (X/Y/Z plot, loopback, ...) is chosen.",
            default=False,
        )
    )
