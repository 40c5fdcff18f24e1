"""Captions of the procedural landscapes: often one word, sometimes a phrase, in the words a user would try."""

from __future__ import annotations

import numpy as np

SUBJECTS: dict[str, tuple[str, ...]] = {
    "snow": ("a snowy field", "snow", "a winter landscape", "fields covered in snow"),
    "beach": ("a sandy beach", "a beach by the sea", "the beach"),
    "sea": ("the sea", "the open sea", "waves on the sea"),
    "forest": ("a pine forest", "a forest", "a dark forest"),
    "desert": ("desert dunes", "a desert", "sand dunes in the desert"),
    "meadow": ("a flower meadow", "a green meadow", "a meadow"),
    "lake": ("a lake", "a calm lake", "a lake with reflections"),
    "mountains": ("mountains", "high mountains", "rocky mountains"),
    "hills": ("green hills", "rolling hills", "hills"),
}
TIMES: dict[str, tuple[str, ...]] = {
    "day": ("", "", "by day", "under a blue sky", "on a sunny day"),
    "sunset": ("at sunset", "at sunset", "in the evening"),
    "night": ("at night", "at night", "in the dark"),
    "cloudy": ("under a cloudy sky", "under grey clouds"),
    "fog": ("in fog", "in the fog", "on a foggy morning"),
}
RARE = ("house", "boat")
TIME_WORDS: dict[str, str] = {"sunset": "sunset", "night": "night", "fog": "fog", "cloudy": "clouds"}


def words(kind: str, time: str, tags: list[str]) -> list[str]:
    """Return the single words that are true of a scene, its subject first."""
    found = [kind]
    if time in TIME_WORDS:
        found.append(TIME_WORDS[time])
    return list(dict.fromkeys(found + tags))


def caption(rng: np.random.Generator, kind: str, time: str, tags: list[str]) -> str:
    """Return one caption of a scene of this `kind` at this `time` showing the things in `tags`."""
    known = words(kind, time, tags)
    form = rng.random()
    if form < 0.2:
        return kind
    rare = [tag for tag in tags if tag in RARE]
    if form < 0.32 and rare:
        return rare[0]
    if form < 0.42:
        return str(known[rng.integers(len(known))])
    if form < 0.6 and len(known) > 1:
        first, second = rng.choice(len(known), 2, replace=False)
        return f"{known[first]}, {known[second]}"
    subject = SUBJECTS[kind][rng.integers(len(SUBJECTS[kind]))]
    things = [
        f"a {tag}" if tag in ("house", "boat", "tree") else tag for tag in known[1:] if tag not in TIME_WORDS.values()
    ]
    if things and rng.random() < 0.8:
        subject += " with " + " and ".join(things[:2])
    return f"{subject} {TIMES[time][rng.integers(len(TIMES[time]))]}".strip()


def telling(rng: np.random.Generator, kind: str, time: str, other_kind: str, other_time: str) -> str:
    """Return a caption of what a scene of this `kind` and `time` shows and one of the other kind or time does not."""
    subject = SUBJECTS[kind][rng.integers(len(SUBJECTS[kind]))]
    phrases = [phrase for phrase in TIMES[time] if phrase]
    phrase = phrases[rng.integers(len(phrases))]
    forms: tuple[str, ...]
    if time == other_time:
        forms = (kind, kind, subject)
    elif kind == other_kind:
        word = TIME_WORDS.get(time, phrase)
        forms = (word, word, phrase, f"{subject} {phrase}", f"{kind}, {word}")
    else:
        forms = (f"{subject} {phrase}", f"{kind}, {TIME_WORDS.get(time, phrase)}")
    return str(forms[rng.integers(len(forms))])
