"""The calculators' formula modules, run without a browser by the QuickJS that typesets the book."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

import pytest
import quickjs

from book import ROOT

MODULES = {
    path.name: path
    for part in ("theme", "calculators")
    for path in (ROOT / "book" / part / "static").glob("*.mjs")
}
IMPORT = re.compile(r'(?m)^import \{[^}]*\} from "\./([\w-]+\.mjs)";\n')
EXPORT = re.compile(r"(?m)^export ")


def joined(module: str, seen: set[str] | None = None) -> str:
    """The module behind those it imports, as one script: this QuickJS loads no modules."""
    seen = set() if seen is None else seen
    if module in seen:
        return ""
    seen.add(module)
    text = MODULES[module].read_text(encoding="utf-8")
    imported = "".join(joined(name, seen) for name in IMPORT.findall(text))
    return imported + EXPORT.sub("", IMPORT.sub("", text))


#: each answer is {value} or, for refused input, {field, message}
CALL = """
function answers(cases) {
  return JSON.stringify(JSON.parse(cases).map((args) => {
    try { return {value: call(...args)}; }
    catch (error) {
      if (!(error instanceof InputError)) throw error;
      return {field: error.field, message: error.message};
    }
  }));
}
"""


@pytest.fixture(scope="session")
def javascript() -> Callable[[str, str, Iterable[object]], list[dict]]:
    """``run(module, expression, cases)``: the function applied to each case's arguments."""

    def run(module: str, function: str, cases: Iterable[object], *, mutate=lambda text: text):
        context = quickjs.Context()
        context.eval(mutate(joined(module)) + f"\nconst call = {function};\n" + CALL)
        answers = context.get("answers")(json.dumps(list(cases)))
        return json.loads(answers, parse_int=float)  # as JavaScript means them

    return run
