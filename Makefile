# Every target sets up .venv first, and does nothing there when it is already up to date.
#   make site       build the book and serve it on this machine
#   make test       everything CI runs
#   make pdf        the whole book as one PDF (needs Chromium)
#   make audit      Lighthouse over the site, into reports/ (needs Chromium and Node.js)
#   make lab        open the notebooks in JupyterLab
#   make notebooks  run chapters and solutions again and store their outputs
#   make mutants    change every formula of compgraph in turn: some test must fail
#   make bench      time and node overhead against PyTorch
#   make lock       resolve constraints.txt again after a change to requirements.txt
#   make clean      remove .venv and everything built

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo "$$python"; exit; }; done; command -v python3)
VENV_PYTHON := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)/python
NOTEBOOKS := chapters solutions
MAKEFLAGS += --no-print-directory

.PHONY: site book pdf audit test lab notebooks mutants bench lock clean environment
.DEFAULT_GOAL := site

site: book
	@$(VENV_PYTHON) -m tools.book serve

book: environment
	@$(VENV_PYTHON) -m tools.book build

pdf: book
	@$(VENV_PYTHON) -m tools.pdf

audit: book
	@$(VENV_PYTHON) -m tools.audit --runs 3

test: environment
	@$(VENV_PYTHON) -m tools.check

lab: environment
	@$(VENV_PYTHON) -m jupyter lab

notebooks: environment
	@$(VENV_PYTHON) -m tools.run_notebooks $(NOTEBOOKS)
	@$(VENV_PYTHON) -m tools.sync_exercises

mutants: environment
	@$(VENV_PYTHON) -m tools.mutants

bench: environment
	@$(VENV_PYTHON) -m tools.bench
	@$(VENV_PYTHON) -m tools.bench_hessian

lock: environment
	@grep -v '^-' requirements.txt | $(VENV_PYTHON) -m uv pip compile --quiet --universal \
		--python-version 3.11 --no-annotate --no-header --output-file constraints.txt -
	@echo "lock: constraints.txt holds $$(grep -c == constraints.txt) packages."

clean:
	@rm -rf .venv _build .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
	@echo "clean: .venv and everything built are gone."

environment:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "make needs Python 3.11 or newer, and found none under the name '$(or $(PYTHON),python3)'."; exit 1; }
	@"$(PYTHON)" tools/setup_environment.py
