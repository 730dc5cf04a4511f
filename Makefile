# make run starts the portal, make test tests it; make help tells the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
export FAXPORTAL_DATA ?= var

.PHONY: help run test test-long test-production tests lint style types template fix bench pictures fuzz hostile faults proof-install audit sbom advisories safety messages lock docs clean

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

# Three at a time on two cores, as many tests wait for others than themselves. Those that kill
# processes run one at a time, so that none slows another; those that ask real programs do, too.
# The order is by chance, but the same each time: SEED=… has another.
test: SEED ?= 1
test: export PYTHONDONTWRITEBYTECODE :=# its hundreds of processes are not to compile it all each
test: ## Install what is missing, then run lints, types, import rules and every test.
	@deploy/bootstrap test
	@$(MAKE) --no-print-directory -j 3 --output-sync lint template advisories
	@$(ON_SERVERS) -q $(ASK_MOST)
	@$(PY) -m pytest -n 3 -p randomly --randomly-seed=$(SEED)

test-production: SEED ?= 1
test-production: export PYTHONDONTWRITEBYTECODE :=
test-production: ## Run every test on PostgreSQL and Redis.
	@deploy/bootstrap test
	@$(MAKE) --no-print-directory template
	@$(ON_SERVERS) -m "long or not long" -p randomly --randomly-seed=$(SEED)

test-long: ## Run what takes long for what it adds to the other tests.
	@deploy/bootstrap test
	@$(MAKE) --no-print-directory template
	@$(PY) -m pytest -n 3 -m long

# The tests that ask most of a database: those of transactions, locks, orders, plans and texts.
ASK_MOST := $(addprefix tests/accounts/test_,audit.py limits.py money.py program_sessions.py) \
  $(addprefix tests/faxes/test_,arrivals.py charges.py lifecycle.py list_filters.py privacy.py receive.py) \
  $(addprefix tests/api/test_,idempotency.py list_speed.py rate_limits.py) tests/erasure/test_restored.py
ON_SERVERS := $(PY) -m tests.servers $(PY) -m pytest -n 3

tests: ## Run some tests: make tests T=tests/unit/line
	@$(PY) -m pytest $(T)

lint: style types safety ## Check format, lints, own rules, imports, templates, types, migrations, spelling, safety.

style:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/ast-grep test --skip-snapshot-tests
	@.venv/bin/ast-grep scan
	@.venv/bin/lint-imports
	@.venv/bin/djlint --lint --quiet templates
	@$(PY) manage.py makemigrations --check --dry-run -v0
	@.venv/bin/codespell

types:
	@.venv/bin/mypy .

safety: # what in the code is known to be dangerous
	@.venv/bin/bandit --quiet --configfile pyproject.toml --recursive accounts faxes faxportal manage.py

template: # the databases that tests begin with, made beside the lints
	@$(PY) -m tests.migrated
	@$(PY) -m tests.servers

fix: ## Format and repair what can be repaired.
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

bench: ## Measure against the peers; prints tables and writes var/bench/*.json.
	@deploy/bootstrap test
	@for bench in benchmarks/bench_*.py; do $(PY) $$bench || exit 1; done

pictures: export SHOTS := docs/pictures
pictures: ## Take the pictures of the docs anew, of the demonstration.
	@$(PY) -m pytest -q -p no:randomly tests/browser/pictures.py tests/browser/test_first_tenant.py

fuzz: ## Ask the API for all that its description allows and forbids: 20,000 requests.
	@deploy/bootstrap test
	@$(PY) -m tests.api.fuzz --requests 20000

hostile: ## Send 100,000 hostile requests, mails and uploads at a portal; SEED=… has others.
	@deploy/bootstrap test
	@HOSTILE_FILES=all $(PY) -m pytest -q tests/hostile
	@$(PY) -m tests.barrage --requests 100000 --seed $(or $(SEED),1)

faults: ## Strike a portal in production for an hour: processes, servers, disks, clocks; SEED=… MINUTES=…
	@deploy/bootstrap test
	@$(PY) -m tests.faults --minutes $(or $(MINUTES),60) --seed $(or $(SEED),1)

proof-install: ## Prove that a bare Debian 12 needs no more, and a lost one its backup (as root, 12 minutes).
	@deploy/prove-install

audit: safety advisories ## Look for what is known to be dangerous: in the code, in what is installed, in the history.
	@$(PY) -m tests.supply history

advisories: # of what is installed; without the internet it says so and goes on
	@$(PY) -m tests.supply advisories

sbom: ## Write what the portal consists of, from its lock: var/sbom.json (CycloneDX).
	@$(PY) -m tests.supply sbom

messages: ## Gather the words of the sources into the catalogs of all languages.
	@$(PY) -m faxportal.catalogs merge

lock: PIN := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate
lock: ## Pin every dependency anew, with hashes and without any address (needs uv and npm).
	@$(PIN) pyproject.toml -o deploy/requirements.lock
	@$(PIN) pyproject.toml --extra telemetry -c deploy/requirements.lock -o deploy/requirements-telemetry.lock
	@$(PIN) pyproject.toml --extra telemetry --group dev -c deploy/requirements.lock -o deploy/requirements-dev.lock
	@for name in signalwire twilio; do \
	  $(PIN) deploy/clients/$$name.in --override deploy/clients/overrides.txt -o deploy/clients/$$name.lock || exit 1; \
	done
	@cd deploy/clients/compatibility-api && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --loglevel=error

docs: ## Write the generated parts of the docs anew.
	@$(PY) -m faxportal.env > docs/settings.md

clean: ## Remove the virtual environment; the data folder stays.
	@rm -rf .venv
