"""See the package: python -m book.translate --help."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from book.translate import catalogues, edition, pages, words
from book.translate.languages import LANGUAGES


def sources() -> dict[str, list[tuple[str, str]]]:
    """Catalogue -> the sentences that belong into it."""
    said = {name: list(pages.messages(pages.path_of(name))) for name in pages.names()}
    said |= {"coursecheck": words.of_the_checker(), "site": words.of_the_site()}
    return said | {"sphinx": words.of_sphinx()}


def update(arguments: argparse.Namespace) -> int:
    wanted = sources()
    for language in LANGUAGES.values():
        for domain, messages in wanted.items():
            catalogues.update(domain, messages, language)
        checker = edition.path_of_compiled(edition.CHECKER, language, edition.CHECKER_LOCALE)
        checker.parent.mkdir(parents=True, exist_ok=True)
        checker.write_bytes(edition.compiled(edition.CHECKER, language))
    return 0


def check(arguments: argparse.Namespace) -> int:
    wanted, wrong = sources(), []
    for language in LANGUAGES.values():
        for domain, messages in wanted.items():
            for problem in catalogues.problems(domain, messages, language):
                wrong.append(f"{language.code}/{problem}")
        checker = edition.path_of_compiled(edition.CHECKER, language, edition.CHECKER_LOCALE)
        if checker.read_bytes() != edition.compiled(edition.CHECKER, language):
            wrong.append(f"{checker.relative_to(edition.ROOT)} is not what its catalogue makes")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    if wrong:
        print("Run python -m book.translate update, then translate what it marks.", file=sys.stderr)
        return 1
    count = sum(len({text for text, _ in messages}) for messages in wanted.values())
    print(f"{count} sentences in each of: English, {', '.join(LANGUAGES)}")
    return 0


def notebooks(arguments: argparse.Namespace) -> int:
    language = LANGUAGES[arguments.language]
    for name, notebook in edition.notebooks(language):
        path = Path(language.folder, name)
        if path.exists():
            print(f"{path} is there already, and stays as it is")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edition.as_text(notebook), encoding="utf-8", newline="\n")
        print(path)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m book.translate")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, words_for_it in COMMANDS.items():
        added = commands.add_parser(command.__name__, help=words_for_it)
        added.set_defaults(command=command)
        if command is notebooks:
            added.add_argument("language", choices=LANGUAGES)
    arguments = parser.parse_args()
    sys.exit(arguments.command(arguments))


COMMANDS = {
    update: "take new and changed sentences into the catalogues",
    check: "say what is missing, fuzzy, stale, or differs in a formula",
    notebooks: "write the notebooks of an edition, to run here; never over one that is there",
}


if __name__ == "__main__":
    main()
