# Each target is a few lines; people and CI run the same ones. `make` alone lists them.
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
SETUP := .ci/setup
LOCKS := installer api asr cuda12 license program vendor train
AREA :=
FUZZ_SECONDS := 60

.DEFAULT_GOAL := help
.PHONY: help setup check fuzz test demo demo-down tui bench model format lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install what is missing: Debian packages, a container engine, the Python environment
	@$(SETUP) engine python

check: ## Lint, types, import contracts and unit tests (under three minutes)
	@$(SETUP) python
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTEST) -n 2 -m "not docker and not browser and not long" --ignore=tests/offline_license tests
	$(PYTEST) -n 2 --cov=offline_license --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered tests/offline_license

fuzz: ## Any bytes to every reader of licensing, guided by coverage (FUZZ_SECONDS=60)
	@$(SETUP) python
	$(PYTHON) -m tests.fuzz $(FUZZ_SECONDS)

test: ## Everything: check, then the journeys with real containers
	@$(SETUP) engine python
	$(MAKE) --no-print-directory check
	$(PYTEST) -n 2 -m "long and not docker" tests
	$(PYTEST) -p no:randomly -m "docker or browser" tests

demo: ## Build, sign, install and try the whole appliance on this machine
	@$(SETUP) engine python
	$(PYTHON) -m tests.demo up

demo-down: ## Remove everything the demo made
	@$(SETUP) python
	$(PYTHON) -m tests.demo down
	@$(SETUP) stop-engine

tui: ## Open the operator's program
	@$(SETUP) python
	.venv/bin/anechoic

bench: ## Measure: make bench [AREA=license|bundles|asr|installer|dashboard]
	@$(SETUP) engine python
	$(PYTHON) -m tests.benchmarks $(AREA)

model: ## Retrain the demo model from fixed seeds (hours on two cores)
	@$(SETUP) train
	.venv-train/bin/python -m pytest -q tests/appliance/demo_model
	.venv-train/bin/python -m appliance.demo_model train
	.venv-train/bin/python -m appliance.demo_model export
	.venv-train/bin/python -m appliance.demo_model evaluate

format: ## Rewrite the sources in the house style
	@$(SETUP) python
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: ## Renew requirements/*.txt from pyproject.toml
	@$(SETUP) python
	.ci/lock $(LOCKS)

clean: ## Remove what was built; keeps the environments
	rm -rf build
