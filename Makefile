# Two commands do everything: `make score` and `make test`. Needs Python 3.11 or later and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
FOLDER ?= data/samples
OUT ?= out

.PHONY: score test install dev lint types imports bench clean

score: install
	@$(BIN)/ex99 score "$(FOLDER)" --out "$(OUT)"

test: dev lint types imports
	$(BIN)/python -m pytest
	$(BIN)/ex99 verify

install: $(VENV)/.installed
dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ex99 needs Python 3.11 or later; name one: make score PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml .ci/constraints.txt | $(VENV)/bin/python
	@echo "Installing ex99 into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/constraints.txt | $(VENV)/bin/python
	@echo "Installing ex99 and its development tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[dev,dask]'
	@touch $@ $(VENV)/.installed

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

bench: dev
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) $(OUT)
