"""Refuses prompts with WebUI syntax.

Here a prompt is plain text: no weights, LoRAs or prompt editing. Results carry their prompt as WebUI metadata, so
whatever a WebUI would not read as plain text is refused. Brackets after a backslash are literal in both.
"""

from __future__ import annotations

import re

from pixels_ext.errors import RequestError

_NEGATIVE_PROMPT = "Negative prompt:"
_EXTRA_NETWORK = re.compile(r"<(\w+):([^>]+)>")
_ESCAPED = re.compile(r"\\([()\[\]\\])")
_STEP = re.compile(r":\s*[\d.]+\s*\]")
_WEIGHT = re.compile(r":\s*[+-]?[\d.]+\s*\)")
_PLAIN_TEXT = r"plain text; write \( and \) for brackets"
_LORAS = ("lora", "lyco")


def unescape_prompt(prompt: str) -> str:
    """The prompt as the model receives it, with backslash escapes resolved."""
    return _ESCAPED.sub(r"\1", prompt)


def check_prompt(prompt: str, *, negative: bool = False) -> None:
    """Raise `RequestError` (with an empty path) for the first part of `prompt` that a WebUI does not read as plain
    text. In a `negative` prompt, a WebUI reads AND as plain text too."""
    network = _EXTRA_NETWORK.search(prompt)
    if network and network[1] in _LORAS:
        file, _, weight = network[2].partition(":")
        flag = f"--lora {file}.safetensors" + (f":{weight.partition(':')[0]}" if weight else "")
        raise RequestError("", f"has {network[0]!r}, which loads a LoRA in a WebUI", f"the flag {flag} instead")
    if network:
        found = f"has {network[0]!r}, an extra network in a WebUI, which is not supported here"
        raise RequestError("", found, "the prompt without it")
    if "#" in prompt:
        raise RequestError("", "has '#', which starts a comment in a WebUI", "the prompt without it")
    if any(line.startswith(_NEGATIVE_PROMPT) for line in prompt.splitlines()):
        raise RequestError("", f"has a line that starts with {_NEGATIVE_PROMPT!r}", "that text as the negative prompt")
    for word, meaning in (("BREAK", "starts a new chunk"), ("AND", "combines two prompts")):
        if re.search(rf"\b{word}\b", prompt) and not (negative and word == "AND"):
            raise RequestError("", f"has {word!r}, which {meaning} in a WebUI", f"one prompt without {word}")
    blanked = _ESCAPED.sub("__", prompt)
    bracket = re.search(r"[(\[]", blanked)
    if bracket:
        start = bracket.start()
        excerpt = _excerpt(prompt[start:], blanked[start:])
        raise RequestError("", f"has {excerpt!r}, which is {_bracket_meaning(blanked[start:])} in a WebUI", _PLAIN_TEXT)


def _bracket_meaning(text: str) -> str:
    """What a WebUI reads the bracket at the start of `text` as. Escaped characters in `text` are blanked."""
    bracketed = text[: _bracket_end(text)]
    if text[0] == "(":
        return "a weight" if _WEIGHT.search(bracketed) else "emphasis"
    if "|" in bracketed:
        return "alternation"
    return "prompt editing" if _STEP.search(bracketed) else "de-emphasis"


def _excerpt(prompt: str, blanked: str) -> str:
    text = prompt[: _bracket_end(blanked)]
    return text if len(text) <= 40 else f"{text[:37]}..."


def _bracket_end(text: str) -> int:
    """The index after the bracket that closes the one at the start of `text`, or the length of `text`."""
    opening, closing, depth = text[0], {"(": ")", "[": "]"}[text[0]], 0
    for index, character in enumerate(text):
        depth += (character == opening) - (character == closing)
        if depth == 0:
            return index + 1
    return len(text)
