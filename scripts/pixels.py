"""What the WebUI loads: the script classes and the extension's hooks, nothing else."""

from pixels_ext.webui import api_routes, infotext, settings
from pixels_ext.webui.script import PixelsCompanion, PixelsScript

# The companion comes first: by name, the hosts' API finds the first always-on script and the first selectable one.
__all__ = ["PixelsCompanion", "PixelsScript"]

api_routes.register()
infotext.register()
settings.register()
