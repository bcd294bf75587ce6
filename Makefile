# Every command anyone runs. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
PYTEST := $(PY) -m pytest -q

.PHONY: help setup demo demo-reset check fix test test-unit test-journeys test-long sabotage bench weights docs grants lock browser

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1@\2/' | column -t -s @

setup: $(INSTALLED) ## make the environment from the hash-locked list (does nothing the second time)

$(INSTALLED): requirements.lock
	@PYTHON=$$(tools/find-python) && if ! test -x $(PY) || ! $(PY) -c '' 2>/dev/null; then \
	  echo "Making an environment in $(VENV) with $$PYTHON"; \
	  "$$PYTHON" -m venv --clear $(VENV) || { echo "Python's venv is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	@echo "Installing what requirements.lock lists; the first time takes a minute"
	@$(PY) -m pip install -qq --disable-pip-version-check --no-input --root-user-action=ignore --require-hashes --requirement requirements.lock
	@$(PY) -m pip install -qq --disable-pip-version-check --no-input --root-user-action=ignore --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## a made-up town of 20,000 children, served on http://localhost:8000
	@exec $(VENV)/bin/childindex demo

demo-reset: setup ## delete the demo's data; the next `make demo` starts over
	@$(VENV)/bin/childindex demo --reset

check: setup ## format, lint, types, import contracts, house rules, migrations, generated documents, spelling
	@$(PY) -m tools.check

fix: setup ## format and mend what can be mended by a machine
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

test: setup browser ## every test but the long ones
	@$(PYTEST) --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not long" --ignore tests/journeys
	@$(PYTEST) --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not long" tests/journeys

test-unit: setup ## tests without a database: seconds
	@$(PYTEST) tests/unit

test-journeys: setup browser ## tests in a browser, with a demo for each of two workers
	@$(PYTEST) --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not long" tests/journeys

test-long: setup ## tests that take minutes
	@$(PYTEST) -m long

sabotage: setup ## take each control away in a copy, and show that a test notices
	@$(PY) -m tools.sabotage

bench: setup ## measure what the documents claim
	@$(PY) -m benchmarks

weights: setup ## the shipped matching model again, from nothing: made-up children, training, thresholds
	@$(PY) -m benchmarks.matching.weights --out childindex/matching/model.toml

docs: setup ## write the documents that are computed from the code
	@$(PY) -m tools.generate

grants: setup ## write deploy/grants.snapshot: what each login may do, read from a migrated database
	@$(PY) -m tools.grants

lock: ## resolve pyproject.toml into requirements.lock again (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: python3 -m pip install uv" >&2; exit 1; }
	uv pip compile pyproject.toml --group dev --generate-hashes --universal -p 3.11 --quiet -o requirements.lock

browser:
	@tools/find-browser
