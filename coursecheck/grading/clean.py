"""Text that comes from a learner, made fit to be shown: nothing in it is obeyed."""

from __future__ import annotations

import unicodedata

LONGEST = 400


def clean(text: str) -> str:
    """The text without characters that a terminal or a reader's eye would obey."""
    if text.isprintable():
        return text
    return "".join(letter for letter in text if _fit(letter))


def _fit(letter: str) -> bool:
    """Control characters but tab and line feed are not; nor what cannot be seen, such as marks that
    reverse the direction of reading, halves of characters, and what some take for line ends."""
    return letter.isprintable() or letter in "\t\n" or unicodedata.category(letter) == "Zs"


def line(text: str, longest: int = LONGEST) -> str:
    """The text as one line that is not too long."""
    one = " ".join(clean(text[: 4 * longest]).split())
    return one if len(one) <= longest else one[: longest - 1] + "…"


def cleaned(value: object) -> object:
    """What was read from JSON, with all its texts clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(entry) for entry in value]
    if isinstance(value, dict):
        return {clean(key): cleaned(entry) for key, entry in value.items()}
    return value
