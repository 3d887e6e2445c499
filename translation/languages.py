"""The languages of the book besides English, and what differs between them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"


@dataclass(frozen=True)
class Language:
    """One edition of the book.

    Attributes
    ----------
    code : as gettext and Sphinx write it, and the name of its folder in `locale`.
    tag : as HTML writes it.
    folder : where the edition stands in the site.
    name : what its readers call it.
    letters : a sentence in this language has at least one of these.
    """

    code: str
    tag: str
    folder: str
    name: str
    letters: re.Pattern[str]

    @property
    def catalogues(self) -> Path:
        return LOCALE / self.code / "LC_MESSAGES"

    def terms(self) -> dict[str, str]:
        """The book's terms, English -> this language (the glossary page, search, and a check)."""
        with (LOCALE / self.code / "terms.toml").open("rb") as file:
            return {en: term for part in tomllib.load(file).values() for en, term in part.items()}


LANGUAGES = {
    language.code: language
    for language in (
        Language("zh_CN", "zh-CN", "zh", "中文", re.compile(r"[\u4e00-\u9fff]")),
    )
}
