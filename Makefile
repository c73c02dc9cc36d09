# `make run` shows the sample city; `make test` runs the tests; `make check` is the whole gate.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
ADDRESS ?= 127.0.0.1:8000
# on two cores: some tests wait for other programs to reach their time limits
WORKERS ?= 3
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
STAMPS := .venv/stamps
LOCALE := src/mahalleh_site/locale/fa/LC_MESSAGES/django

CHECKS := lint types layers translations migrations test

.PHONY: run $(CHECKS) test-postgres fresh check checks environment bench mutants saboteurs docs lock upgrade audit clean help
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

run: $(STAMPS)/run $(LOCALE).mo ## build the sample city in var/ (once) and serve it
	@$(BIN)/mahalleh demo --address $(ADDRESS)

test: $(STAMPS)/dev $(LOCALE).mo ## run every test
	@$(BIN)/python -m tools.check_browser
	$(PYTEST)

test-postgres: $(STAMPS)/dev $(LOCALE).mo ## tests that touch tables, on MAHALLEH_TEST_DATABASE_URL
	$(PYTEST) -m "tables and not browser"

fresh: ## both commands of the README on a bare Debian 12 and 13 (root and debootstrap)
	@$(PYTHON) -m tools.fresh $(RELEASES)

check: $(CHECKS) ## the whole gate

checks: # its parts, for .ci/run
	@echo $(CHECKS)

environment: $(STAMPS)/dev $(LOCALE).mo ## all that the gate needs

lint: $(STAMPS)/dev ## format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit -q -r src -c pyproject.toml
	$(BIN)/python -m tools.unused
	$(BIN)/python -m tools.docstrings
	$(BIN)/python -m tools.templates check

types: $(STAMPS)/dev ## mypy, strict
	$(BIN)/mypy

layers: $(STAMPS)/dev ## the architecture's layers
	$(BIN)/lint-imports

translations: $(STAMPS)/dev ## Persian and English complete
	$(BIN)/python -m tools.translations check

migrations: $(STAMPS)/dev $(LOCALE).mo ## models and migrations agree
	$(BIN)/python -m django makemigrations --check --dry-run --settings mahalleh_site.settings

bench: $(STAMPS)/dev $(LOCALE).mo ## every benchmark; results go to benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

mutants: $(STAMPS)/dev $(LOCALE).mo ## deliberate mistakes: do tests notice? An hour; goes to docs/quality.md
	$(BIN)/python -m tools.mutants

saboteurs: $(STAMPS)/dev $(LOCALE).mo ## every promise broken on purpose: do its tests notice? Goes to docs/trust.md
	$(BIN)/python -m tools.saboteurs

docs: $(STAMPS)/dev ## the documentation as pages, in site/
	$(BIN)/mkdocs build --strict

lock: $(STAMPS)/dev ## bring both locks up to date with pyproject.toml
	$(BIN)/python -m tools.lock

upgrade: $(STAMPS)/dev ## ... with the newest releases of everything
	$(BIN)/python -m tools.lock --upgrade

audit: $(STAMPS)/dev ## known weaknesses in what is locked (asks the network)
	$(BIN)/pip-audit -r requirements.txt --disable-pip

clean: ## forget the environment and the sample city
	rm -rf .venv var

$(BIN)/python:
	$(PYTHON) -m tools.python_version
	$(PYTHON) -m venv .venv

$(STAMPS)/run: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Mahalleh needs (once) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/run
	@echo "Installing what the tests need (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(LOCALE).mo: $(LOCALE).po tools/translations.py $(STAMPS)/run
	@$(BIN)/python -m tools.translations compile
