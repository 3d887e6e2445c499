# Every target but lock and clean sets up .venv first, and does nothing there when it is up to date.
#   make site       build the book and serve it on this machine
#   make quick      while you work: lint, types, the tests that take no time
#   make test       everything CI runs
#   make book       only build; REQUIRE_WORKBOOK=1 fails where exercises would not run in the page
#   make pdf        the whole book as one PDF
#   make audit      Lighthouse over the site, into reports/ (needs Node.js)
#   make lab        copy the notebooks to my/, where nothing writes over your work, and open them
#   make notebooks  run chapters and solutions again and store their outputs
#   make coverage   which lines and branches the tests run, into reports/
#   make mutants    change every printed equation, then every formula of compgraph: a test must fail
#   make bench      time and node overhead against PyTorch
#   make lock       resolve constraints.txt again after a change to requirements.txt
#   make release    is this a book to publish? translations, pages, then everything of make test
#   make clean      remove .venv and everything built; your own my/ and zh/ stay

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo "$$python"; exit; }; done; command -v python3)
VENV_PYTHON := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)/python
NOTEBOOKS := chapters solutions
# JupyterLab wants to be told that root is meant, as in Docker and in Codespaces.
AS_ROOT = $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)
MAKEFLAGS += --no-print-directory

.PHONY: site book pdf audit quick test lab notebooks coverage mutants bench lock release clean environment some-python
.DEFAULT_GOAL := site

site: book
	@$(VENV_PYTHON) -m tools.book serve

book: environment
	@$(VENV_PYTHON) -m tools.book build $(if $(REQUIRE_WORKBOOK),--require-workbook)

pdf: book
	@$(VENV_PYTHON) -m tools.pdf

audit: book
	@$(VENV_PYTHON) -m tools.audit --runs 3

quick: environment
	@$(VENV_PYTHON) -m tools.check --quick

test: environment
	@$(VENV_PYTHON) -m tools.check

lab: environment
	@$(VENV_PYTHON) -m tools.copies
	@$(VENV_PYTHON) -m jupyter lab --LabApp.default_url=/lab/tree/my/exercises $(AS_ROOT)

notebooks: environment
	@$(VENV_PYTHON) -m tools.run_notebooks $(NOTEBOOKS)
	@$(VENV_PYTHON) -m tools.sync_exercises

coverage: environment
	@$(VENV_PYTHON) -m tools.coverage_report --store tests -n 2 --dist loadfile --no-loadscope-reorder

mutants: environment
	@$(VENV_PYTHON) -m tests.ledger.misprints
	@$(VENV_PYTHON) -m tools.mutants

bench: environment
	@$(VENV_PYTHON) -m tools.bench
	@$(VENV_PYTHON) -m tools.bench_hessian

lock: some-python
	@"$(PYTHON)" tools/lock.py

release: book
	@$(VENV_PYTHON) -m tools.release
	@$(VENV_PYTHON) -m tools.check

clean:
	@rm -rf .venv _build .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage* *.egg-info
	@find . -path ./my -prune -o -path ./zh -prune -o \
		'(' -name __pycache__ -o -name .ipynb_checkpoints ')' -print0 | xargs -0 rm -rf
	@echo "clean: .venv and everything built are gone; your own notebooks in my/ and zh/ stay."

environment: some-python
	@"$(PYTHON)" tools/setup_environment.py

some-python:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "make needs Python 3.11 or newer, and found none under the name '$(or $(PYTHON),python3)'."; exit 1; }
