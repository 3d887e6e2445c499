"""The table of what the tests run."""

from __future__ import annotations

from collections import Counter

from tools import coverage_report


def counts(lines: int, ran: int, branches: int = 0, taken: int = 0) -> Counter[str]:
    return Counter(dict(zip(coverage_report.COUNTS, (lines, ran, branches, taken), strict=True)))


def test_packages_add_up_and_modules_below_the_line_are_listed():
    page = coverage_report.page(
        {
            "book/a.py": counts(1000, 1000),
            "book/b.py": counts(8, 5, 2, 1),
            "ledger/c.py": counts(9, 9),
        }
    )
    packages, modules = page.split("Modules below 90 %:")
    assert "| book | 1,005 of 1,008 | 1 of 2 | 99.6 % |" in packages
    assert "| all | 1,014 of 1,017 | 1 of 2 | 99.6 % |" in packages
    assert "| book/b.py | 5 of 8 | 1 of 2 | 60.0 % |" in modules
    assert "a.py" not in modules and "c.py" not in modules


def test_where_nothing_is_below_it_says_so():
    assert coverage_report.page({"ledger/c.py": counts(9, 9)}).endswith("below 90 %:\n\nnone.\n")


def test_an_empty_module_is_covered():
    assert coverage_report.share(counts(0, 0)) == 100


def test_a_run_measures_the_processes_that_its_tests_start(tmp_path, monkeypatch):
    """A repository of one module, which a test calls in another process."""
    (tmp_path / "house.py").write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    (tmp_path / "test_house.py").write_text(
        "import subprocess, sys\n"
        "def test_one():\n"
        "    subprocess.run([sys.executable, '-c', 'import house; house.one()'], check=True)\n"
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.coverage.run]\nsource_pkgs = ["house"]\nbranch = true\n'
        'parallel = true\npatch = ["subprocess"]\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(coverage_report, "ROOT", tmp_path)
    assert coverage_report.run(["-q", "-p", "no:cacheprovider", "test_house.py"]) == 0
    found = coverage_report.summaries()["house.py"]
    assert (found["covered_lines"], found["num_statements"]) == (3, 4)
