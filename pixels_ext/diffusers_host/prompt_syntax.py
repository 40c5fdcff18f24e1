"""What a WebUI reads in a prompt besides its words.

Here a prompt is words alone: nothing is weighted, loaded or switched by it. A result carries its prompt in the WebUI's
form, so what a WebUI would read as more than words is refused; brackets behind a backslash are letters for both.
"""

from __future__ import annotations

import re

from pixels_ext.errors import RequestError

_NEGATIVE = "Negative prompt:"
_NETWORK = re.compile(r"<(\w+):([^>]+)>")
_ESCAPED = re.compile(r"\\([()\[\]\\])")
_STEP = re.compile(r":\s*[\d.]+\s*\]")
_WEIGHT = re.compile(r":\s*[+-]?[\d.]+\s*\)")
_BACKSLASHES = r"the words alone; a backslash before each bracket, \( \), makes it a letter"
_LORAS = ("lora", "lyco")


def as_words(prompt: str) -> str:
    """The prompt as the model is given it: escaped brackets and backslashes as themselves."""
    return _ESCAPED.sub(r"\1", prompt)


def check_words(prompt: str, *, negative: bool = False) -> None:
    """Raise `RequestError` (with an empty path) for the first thing in `prompt` that a WebUI takes for more than words.
    In a `negative` prompt AND is a word there too."""
    network = _NETWORK.search(prompt)
    if network and network[1] in _LORAS:
        file, _, weight = network[2].partition(":")
        flag = f"--lora {file}.safetensors" + (f":{weight.partition(':')[0]}" if weight else "")
        raise RequestError("", f"has {network[0]!r}, which loads a LoRA in a WebUI", f"it as a flag: {flag}")
    if network:
        found = f"has {network[0]!r}, which is an extra network in a WebUI and unknown here"
        raise RequestError("", found, "the prompt without it")
    if "#" in prompt:
        raise RequestError("", "has '#', which begins a comment in a WebUI", "the prompt without it")
    if any(line.startswith(_NEGATIVE) for line in prompt.splitlines()):
        raise RequestError("", f"has a line that begins with {_NEGATIVE!r}", "that text as the negative prompt")
    for word, what in (("BREAK", "begins a new chunk"), ("AND", "joins two prompts")):
        if re.search(rf"\b{word}\b", prompt) and not (negative and word == "AND"):
            raise RequestError("", f"has {word!r}, which {what} in a WebUI", f"one prompt without {word}")
    plain = _ESCAPED.sub("__", prompt)
    begin = re.search(r"[(\[]", plain)
    if begin:
        shown = _shown(prompt[begin.start() :], plain[begin.start() :])
        raise RequestError("", f"has {shown!r}, which is {_kind(plain[begin.start() :])} in a WebUI", _BACKSLASHES)


def _kind(text: str) -> str:
    """What a WebUI takes the bracket for with which `text`, whose escaped letters are blanked, begins."""
    inside = text[: _end(text)]
    if text[0] == "(":
        return "a weight" if _WEIGHT.search(inside) else "emphasis"
    if "|" in inside:
        return "alternation"
    return "prompt editing" if _STEP.search(inside) else "emphasis taken away"


def _shown(prompt: str, plain: str) -> str:
    text = prompt[: _end(plain)]
    return text if len(text) <= 40 else f"{text[:37]}..."


def _end(text: str) -> int:
    """Where the bracket ends with which `text` begins, brackets of its kind inside of it counted."""
    opened, closed, depth = text[0], {"(": ")", "[": "]"}[text[0]], 0
    for index, letter in enumerate(text):
        depth += (letter == opened) - (letter == closed)
        if depth == 0:
            return index + 1
    return len(text)
