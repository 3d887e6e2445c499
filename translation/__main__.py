"""See the package: python -m translation --help."""

from __future__ import annotations

import argparse
import sys

from translation import catalogues, pages
from translation.languages import LANGUAGES


def sources() -> dict[str, list[tuple[str, str]]]:
    """Catalogue -> the sentences that belong into it."""
    return {name: list(pages.messages(pages.path_of(name))) for name in pages.names()}


def update() -> int:
    for language in LANGUAGES.values():
        for domain, messages in sources().items():
            catalogues.update(domain, messages, language)
    return 0


def check() -> int:
    wrong = [
        f"{language.code}/{problem}"
        for language in LANGUAGES.values()
        for domain, messages in sources().items()
        for problem in catalogues.problems(domain, messages, language)
    ]
    print("\n".join(wrong), file=sys.stderr)
    return bool(wrong)


COMMANDS = {"update": update, "check": check}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m translation")
    parser.add_argument("command", choices=COMMANDS)
    sys.exit(COMMANDS[parser.parse_args().command]())


if __name__ == "__main__":
    main()
