# make run starts the portal, make test tests it; make help tells the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
export FAXPORTAL_DATA ?= var

.PHONY: help run test tests lint fix bench lock docs clean

help: ## Show this.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: export FAXPORTAL_DEMO ?= 1
run: ## Install what is missing, load the demonstration, start the portal on port 8000.
	@deploy/bootstrap
	@$(PY) manage.py migrate -v0
	@$(PY) manage.py createcachetable
	@$(PY) manage.py collectstatic --noinput -v0
	@if [ "$$FAXPORTAL_DEMO" = 1 ]; then $(PY) manage.py seed_demo --json > /dev/null; fi
	@exec $(PY) manage.py serve

# Tests that drive real processes by the clock run one at a time, so that none slows another.
test: ## Install what is missing, then run lints, types, import rules and every test.
	@deploy/bootstrap test
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest -n 2 -m "not (faults or real)"
	@$(PY) -m pytest -m "faults or real"

tests: ## Run some tests: make tests T=tests/unit/line
	@$(PY) -m pytest $(T)

lint: ## Check format, lints, own rules, imports, templates, types, migrations, spelling.
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/ast-grep test --skip-snapshot-tests
	@.venv/bin/ast-grep scan
	@.venv/bin/lint-imports
	@.venv/bin/djlint --lint --quiet templates
	@$(PY) manage.py makemigrations --check --dry-run -v0
	@.venv/bin/mypy .
	@.venv/bin/codespell

fix: ## Format and repair what can be repaired.
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

bench: ## Measure against the peers; prints tables and writes var/bench/*.json.
	@deploy/bootstrap test
	@for bench in benchmarks/bench_*.py; do $(PY) $$bench || exit 1; done

lock: ## Pin every dependency anew, with hashes and without any address (needs uv).
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml -o deploy/requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml --group dev -c deploy/requirements.lock -o deploy/requirements-dev.lock

docs: ## Write the generated parts of the docs anew.
	@$(PY) -m faxportal.env > docs/settings.md

clean: ## Remove the virtual environment; the data folder stays.
	@rm -rf .venv
