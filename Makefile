# HarborTUI. `make demo` opens the console on a simulated fleet, `make test` passes the tests.
# The first that can make the environment: on some systems python3 is older than a python3.12 beside it.
FIT    := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	    $$p -c '$(FIT)' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install demo test live lint types contracts check docs bench clean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 12

install: $(VENV)/.installed ## install into .venv

$(VENV)/bin/python:
	@$(PYTHON) -c '$(FIT)' 2>/dev/null || { \
	    echo "HarborTUI needs Python 3.11 or newer with its venv module (on Debian and Ubuntu: python3-venv)." >&2; \
	    echo "Another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.installed

demo: install ## open the console on a simulated fleet
	@$(BIN)/harbortui demo $(DEMO_ARGS)

test: $(VENV)/.installed-dev ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

live: $(VENV)/.installed-dev ## run against the real servers that HARBORTUI_LIVE_* name (docs/live.md)
	$(BIN)/python -m pytest -m live -rs tests/live $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev ## strict types
	$(BIN)/mypy

contracts: $(VENV)/.installed-dev ## who may import whom
	$(BIN)/lint-imports

check: lint types contracts test ## everything that CI runs

docs: $(VENV)/.installed-dev ## make the tables and the pictures anew
	$(BIN)/python docs/make_keys.py
	$(BIN)/python docs/make_themes.py
	$(BIN)/python docs/make_pictures.py

bench: $(VENV)/.installed-dev ## measure the budgets, as ratios in one run
	$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

clean: ## remove what was made here
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis snapshot_report.html
