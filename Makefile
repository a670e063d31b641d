# make run: install, build the index if it is stale, serve.   make test: install, run every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEB := tests/web/node_modules/.package-lock.json

.PHONY: help install run test lint check rehearse bench lock clean

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Install into .venv, with everything that building and testing need

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed, but $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11" >&2; exit 1; }
	PYTHON=$(PYTHON) sh packaging/venv.sh $(VENV)
	sh packaging/torch.sh $(VENV)
	$(BIN)/python packaging/needed.py build models evaluate >$(VENV)/needed.txt
	$(BIN)/python -m pip install --quiet --require-hashes --constraint requirements.lock --requirement $(VENV)/needed.txt --group package --group check --group bench
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

# What the browser tests need of npm; node itself comes from PyPI.
$(WEB): $(STAMP) tests/web/package-lock.json
	$(BIN)/npm ci --prefix tests/web --no-audit --no-fund --silent
	@touch $@

run: install ## Build the index if it is stale and serve on http://127.0.0.1:8000
	$(BIN)/qa index
	$(BIN)/qa serve

test: install $(WEB) ## Run every test, and say which lines and branches none of them runs
	$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered

lint: install $(WEB) ## Lint the code and the Dockerfile, and check the types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/node tests/web/node_modules/typescript/bin/tsc --project tests/web
	$(BIN)/hadolint Dockerfile

check: lint rehearse test ## What CI runs: lint, types, the wheel installed and asked, tests with coverage

rehearse: ## Take the steps of the Dockerfile without an engine: wheel, install, index, serve, ask
	PYTHON=$(PYTHON) sh packaging/rehearse.sh

bench: install ## Say how the benchmarks are run
	@$(BIN)/python benchmarks/retrieval.py --help
	@$(BIN)/python benchmarks/speed.py --help

lock: ## Write requirements.lock anew, with hashes; LOCK=--upgrade takes the newest versions
	PYTHON=$(PYTHON) sh packaging/lock.sh $(LOCK)

clean: ## Remove what was installed and built
	rm -rf $(VENV) index/[!R]* index/.lock tests/web/node_modules
