# `make` alone lists the targets. Everything lives in .venv; nothing outside this folder changes.

PYTHONS := python3 python3.13 python3.14 python3.12 python3.11
PYTHON ?= $(shell for p in $(PYTHONS); do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; \
	done)
WORKERS ?= 2
ARGS ?=
UV := uv==0.13.8

venv := .venv/bin
pip := $(venv)/python -m pip --disable-pip-version-check --no-input
install := $(pip) install --quiet --no-deps --require-hashes
compile := "$$tmp/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-config --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run test test-postgres chaos bench soak fuzz check format lock node clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## the bundled fleet's digest in a Slack-like page on this machine
	@$(venv)/triage demo $(ARGS)

test: .venv/.installed-dev node ## the whole suite (ARGS="-k mute" for a part, WORKERS=0 for one process)
	@$(venv)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

chaos: export TRIAGE_CRASH_KILLS ?= 60
chaos: export TRIAGE_CRASH_LOCKED ?= 1
chaos: export TRIAGE_CRASH_PAUSES ?= 12
chaos: export TRIAGE_RECEIVER_KILLS ?= 100
chaos: export TRIAGE_REPLICA_KILLS ?= 50
chaos: export TRIAGE_REPLICA_PAUSES ?= 8
chaos: export TRIAGE_REPLICA_WINDOWS ?= 120
chaos: export TRIAGE_REPLICA_MINUTES ?= 40
chaos: export TRIAGE_PULL_KILLS ?= 60
chaos: export TRIAGE_MIGRATION_KILLS ?= 50
chaos: export TRIAGE_FAILOVERS ?= 3
chaos: export TRIAGE_CUT_SECONDS ?= 10
chaos: .venv/.installed-dev ## every promise of docs/reliability.md, the long way (ROW=R8 for one)
	@$(if $(filter R24,$(ROW)),,$(venv)/python -m pytest -q -n $(WORKERS) -m "promise$(if $(ROW),(row='$(ROW)'))" --timeout=0 $(ARGS))
	@$(if $(filter R24,$(or $(ROW),R24)),$(venv)/python -m tests.bench.soak --minutes 10)

test-postgres: .venv/.installed-dev ## all tests that use a database, on a PostgreSQL of their own
	@TRIAGE_TEST_ENGINE=PostgreSQL $(venv)/python -m pytest -n $(WORKERS) --dist worksteal --timeout=600 $(ARGS)

bench: .venv/.installed-dev ## every figure that is promised, in one table: docs/benchmarks.md (ARGS="ingest --data DIR")
	@$(venv)/python -m tests.bench $(ARGS)

soak: .venv/.installed-dev ## the whole service for an hour: does anything grow? (ARGS="--minutes 10")
	@$(venv)/python -m tests.bench.soak $(ARGS)

fuzz: .venv/.installed-dev ## the property tests with examples nobody has tried (ARGS="tests/core")
	@$(venv)/python -m pytest -n $(WORKERS) -m hypothesis --hypothesis-profile=fuzz --timeout=0 $(ARGS)

check: .venv/.installed-dev ## format, lint, types, layers, prompts
	$(venv)/ruff format --check .
	$(venv)/ruff check .
	$(venv)/mypy
	$(venv)/lint-imports --no-logo
	$(venv)/python -m prompts

format: .venv/.installed-dev ## rewrite the code as `make check` wants it
	$(venv)/ruff format .
	$(venv)/ruff check --fix .

lock: ## pin anew what pyproject.toml allows: exact versions, with the hashes of every file
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	"$(PYTHON)" -m venv "$$tmp"; \
	"$$tmp/bin/python" -m pip install --quiet --disable-pip-version-check $(UV); \
	$(compile) pyproject.toml --upgrade --output-file requirements.lock; \
	$(compile) pyproject.toml --extra aws --upgrade --output-file requirements-aws.lock \
		--constraint requirements.lock; \
	$(compile) --group build --upgrade --output-file requirements-build.lock; \
	$(compile) --group sbom --upgrade --output-file requirements-sbom.lock; \
	$(compile) pyproject.toml --group dev --upgrade --output-file requirements-dev.lock \
		--constraint requirements-aws.lock --constraint requirements-build.lock
	@! grep -nE '://|^-' requirements*.lock
	@cd tests/node && npm update --silent --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	@! grep -n '"resolved"' tests/node/package-lock.json

clean: ## remove what the other targets made
	rm -rf .venv .demo tests/node/node_modules build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The stamps: an install is as fresh as the lock and pyproject.toml it was made from.
.venv/.installed: requirements.lock requirements-build.lock pyproject.toml .venv/bin/python
	@echo "Installing the locked dependencies into .venv ..."
	@$(install) -r requirements.lock -r requirements-build.lock
	@$(pip) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "Installing the locked development tools into .venv ..."
	@$(install) -r requirements-dev.lock
	@touch $@

# Node's own clients, which some tests run. Without npm, or where it reaches no registry, these are
# skipped, which CI does not accept.
node: .venv/.installed-dev
	@if command -v npm >/dev/null && ! [ tests/node/node_modules -nt tests/node/package-lock.json ]; then \
		(cd tests/node && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules) || \
		echo "npm could not install tests/node: the tests of Node's clients may be skipped." >&2; \
	fi

.venv/bin/python:
	@if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Triage needs Python 3.11 or newer, which '$(or $(PYTHON),$(PYTHONS))' is not." >&2; \
		echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		version=$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$(PYTHON) cannot make a virtual environment: its venv module is packaged apart." >&2; \
		echo "Debian, Ubuntu: apt-get install python$$version-venv" >&2; \
		exit 1; \
	}
	@echo "Making .venv with $$("$(PYTHON)" --version) ..."
	@"$(PYTHON)" -m venv --clear .venv
