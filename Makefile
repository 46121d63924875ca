# The everyday commands. `make demo` and `make test` are all a newcomer needs: each sets up what it uses,
# from nothing but Python 3.11+ and make.

PYTHON ?= python3
VARIANT ?= regional
BIN := .venv/bin
# Node.js (for the CDK CLI, jsii and the JavaScript clients) comes from PyPI and stands first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# No version check, no notices, no telemetry: a build talks to the package registries and to nobody else.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CDK_DISABLE_VERSION_CHECK := 1
# npm trusts what the machine trusts, as pip and curl do; a company's own authority included.
export NODE_USE_SYSTEM_CA := 1
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

CLIENTS := tests/e2e/clients
PAGE := web/index.html web/style.css web/icon.svg web/build.mjs $(wildcard web/src/*.js)

.PHONY: help setup demo local attack gameday web page-pictures unit test matrix fuzz limits load synth rehearse pictures template templates proofs openapi check checkov format bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready $(CLIENTS)/node_modules/.ready ## install everything (the other commands do it by themselves)

.venv/.requirements: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up .venv (once, a minute or two)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --quiet --requirement requirements.txt
	@touch $@

# The checkout itself, editable: this makes .venv/bin/cognito-proxy. All that it needs is there already, so it asks no registry.
.venv/.ready: .venv/.requirements pyproject.toml
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(CLIENTS)/node_modules/.ready: $(CLIENTS)/package-lock.json .venv/.requirements
	@echo "Setting up the JavaScript clients (once)"
	@cd $(CLIENTS) && npm ci --loglevel=error --no-audit --no-fund
	@touch $@

demo: setup ## one user's story on one machine, through what would be deployed
	@trap '' INT; exec $(BIN)/python -m local.demo

web/dist/.ready: $(PAGE) $(CLIENTS)/node_modules/.ready
	@$(BIN)/node web/build.mjs
	@touch $@

web: .venv/.ready web/dist/.ready ## bundle the page to sign in on into web/dist

local: web ## run a variant and the page until Ctrl-C (VARIANT=regional|edge, PORT=…, PAGE_PORT=…, VERBOSE=1, ARGS="-c rate_limit=…")
	@trap '' INT; exec $(BIN)/python -m local --variant $(VARIANT) $(ARGS)

attack: .venv/.ready ## attacks on this machine, and what the firewall stops (VARIANT=… ATTACK_SECONDS=60 ARGS="--only spray --json")
	@trap '' INT; exec $(BIN)/python -m local.attack --variant $(VARIANT) $(ARGS)

gameday: .venv/.ready ## a Region goes away under load on this machine, and comes back (GAMEDAY_SECONDS=8)
	@trap '' INT; exec $(BIN)/python -m local.gameday $(ARGS)

page-pictures: setup ## a picture of each view of the page into docs/images/page, taken while it is tested
	@rm -rf docs/images/page
	@$(BIN)/python -m pytest --quiet tests/e2e/browser/test_sign_in_page.py -k regional --pictures=docs/images/page

unit: .venv/.ready ## the tests that need no emulator, no browser and no Node.js
	@$(BIN)/python -m pytest --unit --hypothesis-profile=quick --quiet --numprocesses 2 --dist worksteal

test: setup web ## all tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

matrix: .venv/.ready ## the functions' and the library's tests on every Python there is (MATRIX_PYTHONS=… MATRIX_SKIP=3.11)
	@$(BIN)/python -m tests.matrix

fuzz: .venv/.ready ## properties with new examples, ten times as many (FUZZ_SECONDS=600 FUZZ_TIMES=10)
	@$(BIN)/python -m tests.fuzz

load: setup ## sign-ins and refreshes while secrets rotate, both variants (LOAD_SECONDS=60 LOAD_THREADS=8)
	@LOAD_SECONDS=$${LOAD_SECONDS:-60} LOAD_THREADS=$${LOAD_THREADS:-8} \
	  $(BIN)/python -m pytest --quiet --capture=no tests/e2e/test_rotation_under_load.py

limits: .venv/.ready ## ten thousand attempts on one username, several processes (LIMITS_ATTEMPTS=10000 LIMITS_STORE=emulator)
	@PYTHONPATH=lambda timeout 300 $(BIN)/python -m tests.proxy.user_limits.load $${LIMITS_ATTEMPTS:-10000} $(LIMITS_STORE)

synth: .venv/.ready ## CloudFormation of the app into cdk.out (ARGS="-c user_pool_id=…")
	@$(BIN)/cdk synth --quiet $(ARGS) && ls cdk.out/*.template.json

rehearse: .venv/.ready ## what a deployment with your flags would make, cost, leave behind and ask for; offline (ARGS="-c config=…")
	@$(BIN)/python -m local.rehearsal $(ARGS)

pictures: .venv/.ready ## play a morning under attack, and draw the dashboard over it (docs/images/)
	@trap '' INT; exec $(BIN)/python -m local.pictures

template: .venv/.ready ## the app as one CloudFormation file a variant, for deployments without the CDK (dist/, docs/template.md)
	@CDK_VALIDATION=false $(BIN)/python -m stacks.plain dist

templates: .venv/.ready ## every kind of template into a folder, to compare two versions (OUT=…)
	@test -n "$(OUT)" || { echo "Say where to: make templates OUT=folder" >&2; exit 1; }
	@$(BIN)/python -m tests.templates "$(OUT)"

proofs: .venv/.ready ## which promise of the documents rests on what, into docs/proofs.md
	@$(BIN)/python -m tests.proofs

openapi: .venv/.ready ## the REST API as an OpenAPI document, into docs/openapi/rest.json
	@PYTHONPATH=lambda $(BIN)/python -m tests.openapi

check: .venv/.ready ## ruff, mypy, import-linter, cfn-lint and cdk-nag
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=.:lambda $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m pytest --quiet tests/app/test_templates_lint.py

.checkov/.ready: requirements-checkov.txt .venv/.requirements
	@echo "Setting up checkov in .checkov (once, a minute)"
	@$(PYTHON) -m venv --clear .checkov
	@.checkov/bin/python -m pip install --quiet --quiet --requirement requirements-checkov.txt
	@touch $@

checkov: .checkov/.ready .venv/.ready ## checkov over both variants with everything on; what it finds has a reason in tests/checkov.toml
	@$(BIN)/python -m tests.checkov

format: .venv/.ready ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .venv/.ready ## the measurements of docs/measurements.md
	@$(BIN)/python -m benchmarks

clean: ## remove what the other commands made
	@rm -rf .venv .checkov .matrix .local cdk.out dist web/dist $(CLIENTS)/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
