"""See the package: python -m book.translate --help."""

from __future__ import annotations

import argparse
import sys

from book.sources import SourceError
from book.translate import catalogues, pages, words
from book.translate.languages import LANGUAGES
from book.translate.markdown import NoSentences


def sources() -> dict[str, list[tuple[str, str]]]:
    """Catalogue -> the sentences that belong into it."""
    said = {}
    for name in pages.names():
        try:
            said[name] = list(pages.messages(name))
        except NoSentences as error:
            raise SourceError(f"{name} cannot be cut into sentences ({error}).") from None
    said |= {catalogues.CHECKER: words.of_the_checker(), "site": words.of_the_site()}
    return said | {"sphinx": words.of_sphinx()}


def update(arguments: argparse.Namespace) -> int:
    wanted = sources()
    # all of them are made before the first is written: a broken one loses nothing
    made = {
        catalogues.path_of(domain, language): catalogues.updated(domain, messages, language)
        for language in LANGUAGES.values()
        for domain, messages in wanted.items()
    }
    changed = [path for path, content in made.items() if catalogues.store(path, content)]
    print(f"{len(changed)} of {len(made)} catalogues changed", *map(catalogues.shown, changed))
    return 0


def check(arguments: argparse.Namespace) -> int:
    wanted = sources()
    count = sum(len({text for text, _ in messages}) for messages in wanted.values())
    remarks = 0
    for language in LANGUAGES.values():
        found = [
            problem
            for domain, messages in wanted.items()
            for problem in catalogues.problems(domain, messages, language)
        ]
        found += catalogues.left_over(set(wanted), language)
        remarks += len(found)
        for sentence in found:
            print(f"{language.code}/{sentence}")
        said = f"{len(found)} to be looked at" if found else "every one is translated"
        print(f"{language.code}: {count} sentences; {said}")
    if remarks:
        print(
            "What is not translated is English in the page. To translate it, run "
            "python -m book.translate update, then fill in what is empty or marked fuzzy."
        )
    return 1 if remarks and arguments.strict else 0


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m book.translate")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, words_for_it in COMMANDS.items():
        added = commands.add_parser(command.__name__, help=words_for_it)
        added.set_defaults(command=command)
        if command is check:
            strict = "exit code 1 if anything is not translated, as before a release"
            added.add_argument("--strict", action="store_true", help=strict)
    given = parser.parse_args(arguments)
    try:
        return given.command(given)
    except (SourceError, catalogues.BrokenCatalogue) as error:
        print(f"{error} Nothing was written.", file=sys.stderr)
        return 1


COMMANDS = {
    update: "take new and changed sentences into the catalogues",
    check: "say what is missing, fuzzy, stale, or differs in a formula",
}


if __name__ == "__main__":
    sys.exit(main())
