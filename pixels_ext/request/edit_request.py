"""The edit request: everything about an edit that is not already a setting of the host (source, prompt, sampler, ...).

These dataclasses, with those of `pixels_ext.maps` and `pixels_ext.imaging`, are the one table of fields. Documentation,
JSON schema, command-line flags and generation parameters are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from pixels_ext.core.release import DEFAULT_SEAM_WIDTH
from pixels_ext.core.thresholds import THRESHOLDS
from pixels_ext.fields import Boolean, Checked, Choice, Group, GroupList, ImageField, ImageOrMapSpec, Number, declare
from pixels_ext.imaging.color import to_srgb
from pixels_ext.imaging.images import normalize_mode
from pixels_ext.imaging.mask_ops import COMBINATIONS
from pixels_ext.imaging.placement import Placement
from pixels_ext.imaging.shaping import Shaping
from pixels_ext.maps import MAP_TYPES, MapSpec

MAX_EXEMPLARS = 32


@dataclass(frozen=True, kw_only=True)
class Exemplar(Checked):
    """One exemplar: an image that inspires the edit, and the map that says where and how much."""

    image: Image.Image = declare(
        ImageField(label="Exemplar", help="The image that inspires the edit.", convert=to_srgb)
    )
    edit_map: Image.Image | MapSpec = declare(
        ImageOrMapSpec(
            label="Edit map",
            help="Where the exemplar edits the source: a grayscale image, or how to generate one. White keeps the "
            "source, black becomes the exemplar, and gray areas are re-generated in some of the denoising steps: the "
            "darker, the more. An image may have any size, with the source's aspect ratio.",
            convert=normalize_mode,
            specs=MAP_TYPES,
            shaping="shaping",
        )
    )
    threshold: str | None = declare(
        Choice(
            label="Threshold",
            help="A threshold for this exemplar alone. By default, the edit's threshold is used.",
            default=None,
            choices=tuple(THRESHOLDS),
            optional=True,
        )
    )
    hold: float = declare(
        Number(
            label="Keep the exemplar",
            help="For how much of the denoising the exemplar itself stays locked, as the source does under white. 0 is "
            "the paper's rule: the exemplar is placed once and then re-generated. At 1 it stays as it is, except "
            "toward the seam, which is always free.",
            default=0.0,
            minimum=0,
            maximum=1,
            step=0.05,
        )
    )
    lay_up_to: float = declare(
        Number(
            label="Place up to gray",
            help="Place the exemplar where the map is up to this gray, not only where it is black. In the paper it is "
            "0. With 0.5, exemplar and source meet at middle gray, where pixels are unlocked first.",
            default=0.0,
            minimum=0,
            maximum=0.9,
            step=0.05,
        )
    )
    seam_width: float = declare(
        Number(
            label="Seam width",
            help="How far from its seam the exemplar is fully kept. Closer to the seam it is unlocked earlier, so that "
            "the seam can be re-generated.",
            default=DEFAULT_SEAM_WIDTH,
            minimum=0,
            maximum=50,
            step=0.5,
            unit="% of the image's shorter side",
            needs="hold",
        )
    )
    placement: Placement = declare(
        Group(label="Placement", help="Where the exemplar is placed on the source.", model=Placement)
    )
    shaping: Shaping = declare(Group(label="Map shaping", help="Adjust the edit map before it is used.", model=Shaping))
    second_map: Image.Image | MapSpec | None = declare(
        ImageOrMapSpec(
            label="Second map",
            help="Another map that is combined with the first: “the sky, but fading to the left” is a text prompt and "
            "a gradient.",
            default=None,
            optional=True,
            convert=normalize_mode,
            specs=MAP_TYPES,
            shaping="second_shaping",
        )
    )
    combine: str = declare(
        Choice(
            label="Combine maps by",
            help="How the two maps become one. Intersect edits only where both maps do (the lighter of the two "
            "values), union where either does (the darker value). Soft intersect and soft union do the same with "
            "smoother gray values where the maps overlap.",
            default="intersect",
            choices=tuple(COMBINATIONS),
            needs="second_map",
        )
    )
    second_shaping: Shaping = declare(
        Group(
            label="Second map shaping",
            help="Adjust the second map before the maps are combined.",
            model=Shaping,
            needs="second_map",
        )
    )


@dataclass(frozen=True, kw_only=True)
class EditRequest(Checked):
    """A complete edit: its exemplars, and the options that apply to all of them."""

    exemplars: tuple[Exemplar, ...] = declare(
        GroupList(
            label="Exemplars",
            help="The exemplars. Later ones are placed on top of earlier ones.",
            model=Exemplar,
            minimum=1,
            maximum=MAX_EXEMPLARS,
        )
    )
    threshold: str = declare(
        Choice(
            label="Threshold",
            help="The threshold function: the denoising step at which pixels of each gray value are unlocked, so that "
            "the model re-generates them from then on. Linear is the paper's default. Log leaves more to the model "
            "(more realistic), quadratic and cubic leave less (closer to the source); sigmoid is close to linear.",
            default="linear",
            choices=tuple(THRESHOLDS),
        )
    )
    mode: str = declare(
        Choice(
            label="Mode",
            help="How several exemplars are applied: all in a single pass (Algorithm 2), or iteratively, one after "
            "another, with each result as the next source (Algorithm 1 repeated).",
            default="single-pass",
            choices=("single-pass", "iterative"),
        )
    )
    white_means: str = declare(
        Choice(
            label="White in map images means",
            help="What white stands for in maps that are given as images: the source (as in the paper), or the "
            "exemplar (as in inpainting masks). Generated maps are not affected.",
            default="source",
            choices=("source", "exemplar"),
        )
    )
    keep_white: bool = declare(
        Boolean(
            label="Keep white pixels",
            help="Restore the source's own pixels where the map is white, with a soft edge inside the white. In the "
            "paper, white areas pass through one denoising step and the autoencoder.",
            default=False,
        )
    )
    substep_release: bool = declare(
        Boolean(
            label="Smoother gradients at few steps",
            help="Unlock pixels within a denoising step, in proportion to their gray value, so that gradients have "
            "more levels than there are steps. Useful at 4 to 8 steps, with samplers that add no noise of their own "
            "(not LCM, nor those with “a” or “SDE” in their name). In the paper, pixels are unlocked only at the start "
            "of a step.",
            default=False,
        )
    )
    run_under_scripts: bool = declare(
        Boolean(
            label="Also run under other scripts",
            help="In the WebUI: apply the edit even while another script (X/Y/Z plot, Loopback, ...) is selected.",
            default=False,
        )
    )
