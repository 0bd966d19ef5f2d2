SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up
LOCKER := .venv/locker
PIP := pip -qq --disable-pip-version-check
NO_OTHER_INDEX := env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS -u UV_INDEX -u UV_DEFAULT_INDEX \
    -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1

# What is compiled is kept, also where a container says otherwise: else every worker and every process compiles it all.
export PYTHONDONTWRITEBYTECODE :=

PYTEST := $(BIN)/python -m pytest -q
BESIDE := --dist loadfile

.PHONY: help setup lock run test check fix trials bench

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1\t/p' Makefile | expand -t 16

setup: $(STAMP) ## make the environment in .venv from requirements.lock; skipped when up to date

$(STAMP): requirements.lock pyproject.toml
	@echo "Setting up .venv from requirements.lock (takes a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Tierwatch needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	    && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq --no-install-recommends install \
	        python3-venv >/dev/null; } \
	    || { echo "Python's venv is missing; install it first (on Debian: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/$(PIP) install --require-hashes -r requirements.lock
	@$(BIN)/$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## start Tierwatch with its sandbox and print a sign-in link
	@$(BIN)/tierwatch demo

test: setup ## all tests, against real parts; as root on Debian missing ones are installed
	@$(BIN)/python -m tests.parts
	@$(PYTEST) -n 3 $(BESIDE)

check: setup ## lint, format, types, architecture and unit tests, in about a minute
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary & types=$$!; \
	    $(PYTEST) -n 2 $(BESIDE) --hypothesis-profile=quick \
	        -m "not real and not story and not integration and not trials"; tests=$$?; \
	    wait $$types && exit $$tests

fix: setup ## mend what ruff can mend, and format
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

trials: setup ## the long seeded trials, in full
	@$(BIN)/python -m tests.parts
	@TIERWATCH_TRIALS=full $(PYTEST) -m trials

bench: setup ## measure, and print goal, median, spread and pass or miss
	@$(BIN)/python -m tests.bench

lock: ## write requirements.lock anew, from the default index alone
	@$(PYTHON) -m venv $(LOCKER)
	@$(NO_OTHER_INDEX) $(LOCKER)/bin/$(PIP) install uv
	@$(NO_OTHER_INDEX) $(LOCKER)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --extra dev --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml
