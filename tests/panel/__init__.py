"""The panel, in a real browser, on both gradio versions that WebUIs use."""
