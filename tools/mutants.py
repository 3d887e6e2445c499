"""Proof that the tests bite: change one formula at a time, and see some test fail.

    python -m tools.mutants                     every mutant of every module (make mutants)
    python -m tools.mutants compgraph/cost.py   of these modules alone
    python -m tools.mutants --sample 25         a few of all modules, the same ones every time (CI)

`tests/mutants/mutants.toml` says which tests watch over which module, and lists the mutants that
change nothing (or nothing but speed), each with the reason. A mutant that survives and is not in
the list is a failure. So is an entry of the list that fits no mutant any more, or one that a test
kills after all.

The tests run in a fork of this process, which has imported torch once, and see the changed module
in place of the file; no file is touched. mutmut 3 changes functions alone, and half of our formulas
are lambdas in a table; Cosmic Ray writes to the files and starts a new interpreter for each mutant.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import islice
from pathlib import Path
from types import CodeType

from tools.mutations import RULES, Mutant, mutants_of

CONFIG = Path("tests/mutants/mutants.toml")

#: each process works with one thread: two processes share two cores, and a fork keeps no threads
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

#: a mutant may compute this many times as long as the tests take by themselves, and `grace` more
PATIENCE = 3

PYTEST = (
    "--exitfirst", "--quiet", "--tb=no", "--assert=plain", "-p", "no:cacheprovider",
    "-p", "_hypothesis_pytestplugin", "--hypothesis-profile=mutants",
)  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """A module, the tests that watch over it, cheap ones first, and names without formulas."""

    path: str
    tests: tuple[str, ...]
    skip: tuple[str, ...] = ()

    def mutants(self) -> list[Mutant]:
        return mutants_of(self.path, Path(self.path).read_text(encoding="utf-8"), self.skip)


@dataclass(frozen=True)
class Config:
    """`mutants.toml`.

    Attributes
    ----------
    preload : what to import before the first fork.
    grace : seconds of computing that a mutant gets beyond `PATIENCE`.
    watches : the modules by their path.
    explained : the reason for each equivalent mutant, by its `key`: the module, the function that
        the mutant stands in (none at the top of the module), its lines before and after.
    """

    preload: tuple[str, ...]
    grace: float
    watches: Mapping[str, Watch]
    explained: Mapping[tuple[str, str, str, str], str]

    @classmethod
    def load(cls, path: Path) -> Config:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        watches = {
            module: Watch(module, tuple(entry["tests"]), tuple(entry.get("skip", ())))
            for module, entry in data["modules"].items()
        }
        explained = {
            (entry["module"], entry.get("within", ""), entry["was"], now): entry["why"]
            for entry in data.get("equivalent", ())
            for now in ([entry["now"]] if isinstance(entry["now"], str) else entry["now"])
        }
        return cls(tuple(data.get("preload", ())), data.get("grace", 10), watches, explained)


# --- one mutant, in a process of its own ----------------------------------------------------------


class _Changed(SourceFileLoader):
    """Loads one module from a text, and never from its file or from a cache of it."""

    def __init__(self, mutant: Mutant):
        name = mutant.path.removesuffix(".py").replace("/", ".")
        super().__init__(name, str(Path(mutant.path).resolve()))
        self.text = mutant.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, self.path, "exec")

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        if fullname == self.name:
            return spec_from_file_location(fullname, self.path, loader=self)
        return None


def _run_tests(tests: Sequence[str], mutant: Mutant | None, seconds: float | None) -> int:
    """In the child: the exit code of the first test file that fails, or 0."""
    import resource
    import signal

    import pytest

    if seconds is not None:  # of computing, so that a busy machine condemns nobody
        limit = int(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        signal.alarm(10 * limit)  # and by the clock, for one that only waits
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    return next((int(code) for test in tests if (code := pytest.main([*PYTEST, test]))), 0)


def _in_forks(jobs: Iterable[Callable[[], int]], workers: int) -> Iterator[tuple[int, int, float]]:
    """Run each job in a fork; yield ``(its number, exit code, CPU seconds)`` as they end."""
    waiting = enumerate(jobs)
    running: dict[int, int] = {}
    while True:
        for number, job in islice(waiting, workers - len(running)):
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                try:
                    code = job()
                except BaseException:  # whatever it was, this process must not live on as a parent
                    code = 1
                os._exit(code)
            running[child] = number
        if not running:
            return
        child, status, used = os.wait4(-1, 0)
        yield running.pop(child), os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


# --- all of them ----------------------------------------------------------------------------------


class TestsFail(Exception):
    """Tests that fail without a mutant can kill none."""


def control(watches: Sequence[Watch], workers: int) -> dict[str, float]:
    """CPU seconds of each module's tests on the module as it is.

    Raises
    ------
    TestsFail : if one of them fails.
    """
    seconds = {}
    jobs = [lambda tests=watch.tests: _run_tests(tests, None, None) for watch in watches]
    for number, code, used in _in_forks(jobs, workers):
        watch = watches[number]
        if code:
            again = f"pytest {' '.join(watch.tests)}"
            raise TestsFail(f"{watch.path}: its tests fail without any mutant; see {again}")
        seconds[watch.path] = used
    return seconds


def judge(mutants: Sequence[Mutant], config: Config, workers: int) -> Iterator[tuple[Mutant, bool]]:
    """Yield each mutant, as its tests end, with whether it survived them.

    Raises
    ------
    TestsFail : if the tests of a module fail without a mutant.
    """
    needed = [config.watches[path] for path in dict.fromkeys(mutant.path for mutant in mutants)]
    limit = {
        path: PATIENCE * seconds + config.grace
        for path, seconds in control(needed, workers).items()
    }
    jobs = [
        lambda mutant=mutant: _run_tests(
            config.watches[mutant.path].tests, mutant, limit[mutant.path]
        )
        for mutant in mutants
    ]
    for number, code, _ in _in_forks(jobs, workers):
        yield mutants[number], code == 0


def sample(mutants: Iterable[Mutant], count: int) -> list[Mutant]:
    """`count` of the mutants, chosen by what they are: an edit elsewhere changes nothing here."""

    def draw(mutant: Mutant) -> bytes:
        return hashlib.sha256("\0".join(mutant.key).encode()).digest()

    return sorted(mutants, key=draw)[:count]


def preload(modules: Iterable[str]) -> None:
    """Import what every child would import."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    # each test file is a run of pytest, and looking up plugins would take longer than most of them
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    from hypothesis import Phase, settings

    # a killed mutant is dead: nobody asks for its smallest counterexample
    settings.register_profile(
        "mutants", derandomize=True, deadline=None, database=None, report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    for module in modules:
        importlib.import_module(module)


def table(judged: Mapping[Mutant, str]) -> str:
    """Modules down, kinds across: ``killed/all``, and what became of the others."""
    by_module: dict[str, Counter] = {}
    for mutant, verdict in judged.items():
        counts = by_module.setdefault(mutant.path, Counter())
        counts[mutant.kind] += 1
        counts[mutant.kind, verdict] += 1
        counts[verdict] += 1
    by_module = dict(sorted(by_module.items()))
    by_module["all"] = sum(by_module.values(), Counter())
    columns = [*RULES, "equivalent", "survived"]
    rows = [["killed/all", *columns]]
    for path, counts in by_module.items():
        cells = [f"{counts[kind, 'killed']}/{counts[kind]}" for kind in RULES]
        rows.append([path, *cells, str(counts["equivalent"]), str(counts["survived"])])
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{row[0]:{width}}" + "".join(f"{c:>12}" for c in row[1:]) for row in rows)


def main() -> None:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("mutants", description=__doc__, formatter_class=plain)
    parser.add_argument("modules", nargs="*", help="modules, as mutants.toml names them")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants of all modules")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--config", type=Path, default=CONFIG)
    options = parser.parse_args()
    if not hasattr(os, "fork"):
        sys.exit("mutants: this needs os.fork, which Windows lacks; WSL has it")
    started = time.perf_counter()
    config = Config.load(options.config)
    unknown = set(options.modules) - config.watches.keys()
    if unknown:
        sys.exit(f"mutants: {', '.join(sorted(unknown))} is not in {options.config}")

    chosen = options.modules or list(config.watches)
    mutants = [mutant for path in chosen for mutant in config.watches[path].mutants()]
    keys = {mutant.key for mutant in mutants}
    stale = [(key, "no mutant") for key in config.explained if key[0] in chosen and key not in keys]
    if options.sample is not None:
        mutants = sample((m for m in mutants if m.key not in config.explained), options.sample)

    preload(config.preload)
    judged: dict[Mutant, str] = {}
    try:
        for mutant, survived in judge(mutants, config, options.workers):
            explained = mutant.key in config.explained
            judged[mutant] = "killed"
            if survived:
                judged[mutant] = "equivalent" if explained else "survived"
                if not explained:
                    print(f"SURVIVED {mutant}", flush=True)
            elif explained:
                stale.append((mutant.key, "a mutant that a test kills"))
    except TestsFail as failure:
        sys.exit(f"mutants: {failure}")

    for (path, _, was, now), what in stale:
        print(f"STALE {path}: an explanation fits {what}\n    - {was}\n    + {now}")
    minutes, seconds = divmod(round(time.perf_counter() - started), 60)
    print(f"{table(judged)}\n{len(judged)} mutants in {minutes} min {seconds} s")
    sys.exit("survived" in judged.values() or bool(stale))


if __name__ == "__main__":
    main()
