"""The demo model's text side: a small CLIP-style tokenizer made from the captions' own words, and its encoder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from .drawing.captions import SUBJECTS, TIMES
from .photographs import PHOTOGRAPHS

START, END, LENGTH, WORD_END = "<|startoftext|>", "<|endoftext|>", 77, "</w>"
THINGS = ("sun", "moon", "clouds", "house", "boat", "tree", "trees", "flowers", "snow", "and", "with", ",", ".")
WIDTH = 64


def byte_letters() -> list[str]:
    """Return the 256 printable stand-ins for bytes that byte-level BPE uses, in CLIP's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(code) for code in printable]
    return letters + [chr(256 + index) for index in range(256 - len(letters))]


def vocabulary_words() -> list[str]:
    """Return every word the captions use."""
    photographed = [photo.captions for photo in PHOTOGRAPHS]
    phrases = [phrase for options in (*SUBJECTS.values(), *TIMES.values(), *photographed) for phrase in options]
    return [word for phrase in [*phrases, *SUBJECTS, *THINGS] for word in phrase.replace(",", " , ").lower().split()]


def learn_merges(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the BPE merges, most frequent first, that make one token of every word."""
    counts = Counter(words)
    pieces = {word: [*word[:-1], word[-1] + WORD_END] for word in counts}
    merges: list[tuple[str, str]] = []
    while True:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                pairs[pair] += counts[word]
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            pieces[word] = _merged(parts, best)


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def build_tokenizer() -> CLIPTokenizer:
    """Return the tokenizer, CLIP's kind with a vocabulary of several hundred tokens."""
    letters = byte_letters()
    merges = learn_merges(vocabulary_words())
    tokens = [*letters, *(letter + WORD_END for letter in letters), *("".join(pair) for pair in merges), START, END]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=LENGTH)


def save_tokenizer(tokenizer: CLIPTokenizer, out: Path) -> None:
    """Save the tokenizer, also as the two files that older versions of transformers read."""
    tokenizer.save_pretrained(out)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (out / "vocab.json").write_text(json.dumps(dict(vocabulary), ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in learn_merges(vocabulary_words()))]
    (out / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return the untrained text encoder: two layers of width 64."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Return the captions' token numbers (n, 77), padded as the pipelines pad them."""
    rows = tokenizer(captions, padding="max_length", max_length=LENGTH, truncation=True)["input_ids"]
    return torch.tensor(rows)
