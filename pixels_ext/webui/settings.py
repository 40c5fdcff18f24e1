"""The extension's settings on the host's settings page."""

from __future__ import annotations

from modules.shared import OptionInfo, opts

SECTION = ("pixels", "PIXELS")


def register() -> None:
    """Add the settings to the host's. Done at once, not in a callback: registering one takes the hosts 20 ms."""
    label = "Save the exemplars and edit maps of PIXELS edits beside the outputs"
    option = OptionInfo(False, label, section=SECTION).info("then “Send to img2img” finds them again")
    opts.add_option("pixels_save_inputs", option)
