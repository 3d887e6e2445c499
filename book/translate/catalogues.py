"""One gettext catalogue for each page and language, kept up with the English text, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from book.translate import markdown
from book.translate.languages import Language

PROJECT = "One Graph, Five Questions"
SAME = "same"  # a translator's comment: the text is meant to be the same in both languages


class NoCatalogue(Exception):
    """A catalogue that is not there yet; the message says how to make it."""


def path_of(domain: str, language: Language) -> Path:
    return language.catalogues / f"{domain}.po"


def read(domain: str, language: Language) -> Catalog:
    path = path_of(domain, language)
    if not path.exists():
        raise NoCatalogue(f"{path.name} is missing: run python -m book.translate update")
    with path.open("rb") as file:
        return read_po(file, locale=language.code, domain=domain)


def template(messages: Iterable[tuple[str, str]]) -> Catalog:
    """The sentences of a page, without translations; what stands with each is where it stands."""
    catalogue = Catalog(project=PROJECT)
    for text, place in messages:
        catalogue.add(text, auto_comments=[place] if place else [])
    return catalogue


def update(domain: str, messages: Iterable[tuple[str, str]], language: Language) -> None:
    """Take new sentences in; changed ones keep the old translation, marked as fuzzy."""
    fresh = template(messages)
    try:
        catalogue = read(domain, language)
    except NoCatalogue:
        catalogue = Catalog(locale=language.code, domain=domain, project=PROJECT)
    catalogue.update(fresh, update_creation_date=False)
    catalogue.obsolete.clear()
    path = path_of(domain, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = BytesIO()
    # without dates and line numbers, so that only a change of words is a change of the file
    write_po(file, catalogue, omit_header=True, no_location=True, width=100)
    if not path.exists() or path.read_bytes() != file.getvalue():
        path.write_bytes(file.getvalue())


def translations(domain: str, language: Language) -> dict[str, str]:
    """English sentence -> sentence in the language, for those that are translated."""
    return {
        str(message.id): str(message.string)
        for message in read(domain, language)
        if message.id and message.string and not message.fuzzy
    }


def problems(domain: str, messages: Iterable[tuple[str, str]], language: Language) -> Iterator[str]:
    """What is wrong with a catalogue, one sentence for each fault."""
    wanted = dict.fromkeys(text for text, _ in messages)
    known: dict[str, Message] = {str(m.id): m for m in read(domain, language) if m.id}
    for text in wanted:
        if text not in known:
            yield f"{domain}: not in the catalogue: {text!r}"
        else:
            yield from (f"{domain}: {fault}: {text!r}" for fault in faults(known[text], language))
    for text in known.keys() - wanted.keys():
        yield f"{domain}: stale, no page says it: {text!r}"


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
