# Plain Python 3.11 with pip is enough; uv is used when it is there.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
ARGS   ?=
STAMPS := $(VENV)/.stamps
NPM    := $(shell command -v npm 2>/dev/null)

.PHONY: help install dev demo test check bench docs format clean

help:            ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 12

$(BIN)/python:
ifdef UV
	$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

ifdef UV
PIP = $(UV) pip install --quiet --python $(BIN)/python
else
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

$(STAMPS)/install: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[demo]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/install

# the event clients for Node and browsers, which the tests run unchanged; no lock file, it would name a registry
$(STAMPS)/clients: tests/conformance/package.json | $(BIN)/python
	@mkdir -p $(STAMPS) $(VENV)/clients && cp $< $(VENV)/clients
ifdef NPM
	npm install --prefix $(VENV)/clients --no-package-lock --no-audit --no-fund --ignore-scripts --silent \
	  && touch $@ || echo "The clients could not be fetched: their tests will be skipped."
endif

install: $(STAMPS)/install  ## make .venv with Mindgap and the demo data

dev: $(STAMPS)/dev $(STAMPS)/clients  ## the same, with everything for tests and checks

demo: install               ## the whole loop on real data, then the console (ARGS=--no-serve ends before it)
	$(BIN)/mindgap demo $(ARGS)

test: dev                   ## all tests that this machine can run; skips say why
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: dev                  ## style, types, rooms, sizes, docs
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet src
	$(BIN)/codespell src tests benchmarks docs README.md CHANGELOG.md CONTRIBUTING.md
	$(BIN)/python tests/check_house.py

bench: dev                  ## our figures beside the yardsticks; takes minutes
	$(BIN)/python -m benchmarks $(ARGS)

docs: dev                   ## write the reference pages from the code
	$(BIN)/python docs/generate.py

format: dev                 ## rewrite the code in the house style
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

clean:                      ## remove what the other targets made
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis dist mindgap-demo
