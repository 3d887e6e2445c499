"""One gettext catalogue for each page and language, kept up with the English text, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from book import ROOT
from book.translate import markdown
from book.translate.languages import Language
from coursecheck import catalogue as plain
from coursecheck import messages as checker

PROJECT = "One Graph, Five Questions"
CHECKER = "coursecheck"  # its catalogue is part of its package
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same words make the same file
SAME = "same"  # a translator's comment: the text is meant to be the same in both languages
# How like its English has to be for a new sentence to get the translation of one that is gone:
# less where it stands in the same cell or reason, for there it is most likely an edit.
LIKE_IN_PLACE, LIKE_ELSEWHERE = 0.6, 0.85


class NoCatalogue(Exception):
    """A catalogue that is not there yet; the message says how to make it."""


class BrokenCatalogue(Exception):
    """A catalogue that cannot be read; the message names the file and the line."""


def path_of(domain: str, language: Language) -> Path:
    if domain == CHECKER:
        return checker.path_of(language.code)
    return language.catalogues / f"{domain}.po"


def translations(domain: str, language: Language) -> dict[str, str]:
    """English sentence -> sentence in the language, for those that are translated."""
    path = path_of(domain, language)
    if not path.exists():
        raise NoCatalogue(f"{path.name} is missing: run python -m book.translate update")
    try:
        return plain.read(path)
    except plain.Broken as broken:
        said = str(broken).replace(str(path), shown(path))
        raise BrokenCatalogue(f"{said}.") from None


def shown(path: Path) -> str:
    """A path as a message names it: from the top of the repository."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def read(domain: str, language: Language) -> Catalog:
    """The whole catalogue, with what is fuzzy and what translators noted."""
    translations(domain, language)  # what is broken is told in one way
    path = path_of(domain, language)
    with path.open("rb") as file:
        try:
            return read_po(file, locale=language.code, domain=domain, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            raise BrokenCatalogue(f"{shown(path)}: {error}.") from None


def template(messages: Iterable[tuple[str, str]]) -> Catalog:
    """The sentences of a page, without translations; what stands with each is where it stands."""
    catalogue = Catalog(project=PROJECT)
    for text, place in messages:
        catalogue.add(text, auto_comments=[place] if place else [])
    return catalogue


def updated(domain: str, messages: Iterable[tuple[str, str]], language: Language) -> bytes:
    """The catalogue with new sentences in it; changed ones keep the old translation, as fuzzy."""
    try:
        catalogue = read(domain, language)
    except NoCatalogue:
        catalogue = Catalog(locale=language.code, domain=domain, project=PROJECT)
    known = {message.id for message in catalogue}
    catalogue.update(template(messages), no_fuzzy_matching=True, update_creation_date=False)
    _hand_over(
        [message for message in catalogue if message.id and message.id not in known],
        [message for message in catalogue.obsolete.values() if message.string],
    )
    catalogue.obsolete.clear()
    return _written(catalogue)


def of_pairs(pairs: dict[str, str]) -> bytes:
    """A catalogue of sentences with their translations, as a file."""
    catalogue = Catalog()
    for text, translated in pairs.items():
        catalogue.add(text, translated)
    return _written(catalogue)


def _written(catalogue: Catalog) -> bytes:
    file = BytesIO()
    # without dates and line numbers, so that only a change of words is a change of the file
    write_po(file, catalogue, omit_header=True, no_location=True, width=100)
    return file.getvalue()


def _hand_over(new: list[Message], gone: list[Message]) -> None:
    """Give each translation whose English is gone to the new sentence most like it, as fuzzy."""
    pairs = sorted(
        (
            (_likeness(there, here), i, j)
            for i, here in enumerate(new)
            for j, there in enumerate(gone)
        ),
        reverse=True,
    )
    taken_new, taken_gone = set(), set()
    for likeness, i, j in pairs:
        if likeness and i not in taken_new and j not in taken_gone:
            new[i].string = gone[j].string
            new[i].flags.add("fuzzy")
            taken_new.add(i)
            taken_gone.add(j)


def _likeness(there: Message, here: Message) -> float:
    """From 0 to 1; 0 if the one is no edit of the other."""
    in_place = set(there.auto_comments) & set(here.auto_comments)
    wanted = LIKE_IN_PLACE if in_place else LIKE_ELSEWHERE
    compared = SequenceMatcher(None, str(there.id), str(here.id), autojunk=False)
    if compared.quick_ratio() < wanted:
        return 0.0
    ratio = compared.ratio()
    return ratio if ratio >= wanted else 0.0


def store(path: Path, content: bytes) -> bool:
    """Write a catalogue unless its file holds just that; whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def compiled(known: dict[str, str], language: Language) -> bytes:
    """Translations as gettext reads them; the same words make the same bytes."""
    catalogue = Catalog(locale=language.code, creation_date=LONG_AGO, revision_date=LONG_AGO)
    for text, translation in known.items():
        catalogue.add(text, translation)
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def problems(domain: str, messages: Iterable[tuple[str, str]], language: Language) -> Iterator[str]:
    """What is wrong with a catalogue, one sentence for each fault."""
    wanted = dict.fromkeys(text for text, _ in messages)
    try:
        known: dict[str, Message] = {str(m.id): m for m in read(domain, language) if m.id}
    except NoCatalogue:
        yield f"{domain}: there is no catalogue, and {len(wanted)} sentences are English"
        return
    except BrokenCatalogue as broken:
        yield f"{domain}: cannot be read: {broken}"
        return
    for text in wanted:
        if text not in known:
            yield f"{domain}: not in the catalogue: {text!r}"
        else:
            yield from (f"{domain}: {fault}: {text!r}" for fault in faults(known[text], language))
    for text in known.keys() - wanted.keys():
        yield f"{domain}: stale, no page says it: {text!r}"


def left_over(wanted: set[str], language: Language) -> Iterator[str]:
    """Catalogues that belong to no page."""
    folder = language.catalogues
    for path in sorted(folder.rglob("*.po")):
        if (domain := path.relative_to(folder).with_suffix("").as_posix()) not in wanted:
            yield f"{domain}: this catalogue belongs to no page"


def faults(message: Message, language: Language) -> Iterator[str]:
    """What is wrong with one translation."""
    text, translation = str(message.id), str(message.string)
    if not translation:
        yield "not translated"
    elif message.fuzzy:
        yield "fuzzy, to be looked at"
    elif not language.letters.search(translation) and SAME not in message.user_comments:
        yield f"in English still (if it is meant to be, give it the comment '# {SAME}')"
    else:
        here, there = markdown.parts(text), markdown.parts(translation)
        for kind, pieces in here.items():
            if pieces != there[kind]:
                yield f"another {kind}, {there[kind]} for {pieces}"
        if markdown.bare_stars(translation) > markdown.bare_stars(text):
            yield "shows its asterisks (move the punctuation out of them)"
