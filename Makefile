# `make help` lists what can be done. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test sure long bench bench-merge bench-search bench-together watch lock messages

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: .venv/base.stamp ## make .venv from the base lock

.venv/base.stamp: requirements/base.txt pyproject.toml $(wildcard wiki/translations/*/LC_MESSAGES/*.po)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/pybabel -q compile -d wiki/translations
	@touch $@

.venv/test.stamp: .venv/base.stamp requirements/test.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	sh tests/browser.sh $(BIN)
	@touch $@

run: setup ## start the site with its sample commons and print its address
	$(BIN)/minga serve

test: .venv/test.stamp ## run all tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

sure: .venv/test.stamp ## format, lint, types, import contracts, messages, then all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

long: .venv/test.stamp ## the same tests at every size an issue names; prints its figures
	MINGA_LONG=1 $(BIN)/pytest -rA -n 0 -m long -s

bench: .venv/test.stamp bench-search ## CPU milliseconds per request beside the fixed bound, and of questions
	$(BIN)/python -m tests.bench.requests
	$(BIN)/python -m tests.bench.family

bench-merge: .venv/test.stamp ## the merge against real histories of people
	$(BIN)/python -m tests.bench.merges

bench-search: .venv/test.stamp ## CPU milliseconds of questions to 2,000, 20,000 and 100,000 designs
	$(BIN)/python -m tests.bench.searching

bench-together: .venv/test.stamp ## searching while others save, at 20,000 designs: errors, memory, how soon a save is found
	$(BIN)/python -m tests.bench.together

watch: .venv/test.stamp ## run the tests that last failed, then the others
	$(BIN)/pytest -x --ff -o addopts="-ra --strict-markers" tests/wiki tests/designs

lock: ## make the two locks anew (needs uv)
	$(LOCK) --extra build -o requirements/base.txt
	$(LOCK) --extra build --extra test -c requirements/base.txt -o requirements/test.txt

messages: .venv/base.stamp ## collect new sentences into the catalogues
	$(BIN)/pybabel -q extract -F wiki/translations/babel.cfg -k _ -k __ -k ngettext:1,2 --no-location --sort-output --omit-header -o wiki/translations/messages.pot .
	$(BIN)/pybabel -q update -i wiki/translations/messages.pot -d wiki/translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
