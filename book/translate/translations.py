"""What the catalogues of one language say, and what they were asked for in vain.

English comes first: a sentence without a translation, a page without a catalogue, and a catalogue
that cannot be read leave English in the page, and are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from book.exercises import EXERCISE, SOLUTION
from book.translate import catalogues
from book.translate.languages import ENGLISH, Language
from book.translate.markdown import NoSentences, has_words

Translate = Callable[[str], str]


class Translations:
    """All catalogues of a language.

    Attributes
    ----------
    asked, english : the sentences asked for, and those of them that stay English.
    broken : a sentence for each catalogue that cannot be read.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.asked: set[tuple[str, str]] = set()
        self.english: set[tuple[str, str]] = set()
        self.broken: dict[str, str] = {}
        self._known: dict[str, dict[str, str]] = {}

    def known(self, domain: str) -> dict[str, str]:
        """English sentence -> its translation."""
        if domain not in self._known:
            self._known[domain] = {}
            try:
                self._known[domain] = catalogues.translations(domain, self.language)
            except catalogues.NoCatalogue:
                pass
            except catalogues.BrokenCatalogue as broken:
                self.broken[domain] = str(broken)
        return self._known[domain]

    def of(self, domain: str) -> Translate:
        """English sentence -> its translation, or itself."""
        if self.language is ENGLISH:
            return lambda text: text
        known = self.known(domain)

        def translate(text: str) -> str:
            if has_words(text):
                self.asked.add((domain, text))
                if text not in known:
                    self.english.add((domain, text))
            return known.get(text, text)

        return translate

    def of_exercise(self, solution: str) -> Translate:
        """Those of the exercise made from a solution: its title is not the solution's."""
        say = self.of(solution)
        if self.language is ENGLISH:
            return say
        terms = self.language.terms()

        def translate(text: str) -> str:
            theirs = re.sub(rf"^{EXERCISE} (?=\d)", f"{SOLUTION} ", text)
            if theirs == text or say(theirs) == theirs:
                return text if theirs != text else say(text)
            return say(theirs).replace(terms["solution"], terms["exercise"], 1)

        return translate

    @contextmanager
    def or_english(self, name: str) -> Iterator[None]:
        """A page that cannot be cut into sentences stays as it is, and is told of."""
        try:
            yield
        except NoSentences as error:
            self.broken[name] = (
                f"{self.language.name}: {name} stays English: it cannot be cut into sentences "
                f"({error})."
            )

    def remarks(self) -> list[str]:
        """What whoever builds the book should know, a sentence each."""
        said = list(self.broken.values())
        if self.english:
            said.append(
                f"{self.language.name}: {len(self.english)} of {len(self.asked)} sentences of the "
                "pages are in English still (python -m book.translate check lists them)."
            )
        return said
