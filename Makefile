# make run | make test | make check | make bench
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APP ?= examples/credit
PORT ?= 8000
WORKERS ?= 2

.PHONY: help run setup setup-dev browser test lint check bench screenshots clean

help:
	@echo "make run      the credit app with sample data on http://127.0.0.1:$(PORT)"
	@echo "make test     everything that is tested, on SQLite, PostgreSQL, Redis and Chromium"
	@echo "make lint     format, lint, types, layers"
	@echo "make bench    the works of tests/bench, each beside its raw statement or hand-written twin"

# The virtual environment needs no ensurepip: pip installs into it from outside, so Debian's bare python3 is enough.
$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml hatch_build.py | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run

setup-dev: $(VENV)/.dev browser

# Debian's Chromium and a Chinese font, for the tests that drive the real pages.
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then SUDO=; else SUDO=sudo; fi; \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk; }

run: setup
	$(BIN)/guiju run $(APP) --sample --port $(PORT)

test: setup-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: setup-dev
	$(BIN)/python -m tests.bench

screenshots: setup-dev
	$(BIN)/python -m tests.ui.screenshots

clean:
	rm -rf $(VENV) build dist ui/static/built
