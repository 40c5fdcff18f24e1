"""A small fake of AUTOMATIC1111's WebUI and the Forge family: only what the extension calls.

`tree/` holds the packages that a host provides (`modules`, and fakes of `gradio` and `fastapi`) and its own
scripts; `Host` makes them importable for a while and starts them; `fixtures` gives them to tests.
"""
