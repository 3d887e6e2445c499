"""The languages of the book, and what differs between them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from book import ROOT
from book.sources import SourceError

LOCALE = ROOT / "book" / "locale"


@dataclass(frozen=True)
class Language:
    """One edition of the book.

    Attributes
    ----------
    code : as gettext and Sphinx write it, and the name of its folder in `locale`.
    tag : as HTML writes it.
    folder : where the edition stands in the site; English stands at the top.
    name : what its readers call it.
    letters : a sentence in this language has at least one of these.
    """

    code: str
    tag: str
    folder: str
    name: str
    letters: re.Pattern[str]

    @property
    def path(self) -> str:
        """The folder as part of an address."""
        return f"{self.folder}/" if self.folder else ""

    @property
    def catalogues(self) -> Path:
        return LOCALE / self.code / "LC_MESSAGES"

    @property
    def glossary(self) -> Path:
        return LOCALE / self.code / "terms.toml"

    def parts_of_glossary(self) -> dict[str, dict[str, str]]:
        """Part -> the book's terms in it, English -> this language."""
        try:
            return tomllib.loads(self.glossary.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            name = f"book/locale/{self.code}/{self.glossary.name}"
            raise SourceError(f"{name}: {getattr(error, 'strerror', None) or error}.") from None

    def terms(self) -> dict[str, str]:
        """All of the book's terms: for the search, and for a check of the catalogues."""
        return {en: term for part in self.parts_of_glossary().values() for en, term in part.items()}


ENGLISH = Language("en", "en", "", "English", re.compile("[A-Za-z]"))

LANGUAGES = {
    language.code: language
    for language in (Language("zh_CN", "zh-CN", "zh", "中文", re.compile(r"[\u4e00-\u9fff]")),)
}

EDITIONS = (ENGLISH, *LANGUAGES.values())
