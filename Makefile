# Everything needs no more than Python 3.11 to 3.13 and make; `make` alone lists the targets.
PYTHON ?= python3
# A folder of labelled sets for the benchmarks: NAME/docs.jsonl and NAME/qa.jsonl
DATA ?=
# Not empty: `make bench` also makes a library of a million passages (8 GB, half an hour)
MILLION ?=
# Port of the try-out's page; empty: the program's own choice
PORT ?=
# Options of `make soak`, such as --seconds 600 --events 33334, or --publish
SOAK ?=
# torch's build: "cpu" or "cuda", whichever is installed already, else "cpu"
TORCH ?= $(if $(wildcard $(VENV)/.torch-cuda),cuda,cpu)
# How long `make fuzz` tries each parser
SECONDS ?= 600
# Where the CPU build of torch comes from, besides pip's own indexes and config/wheels/
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

VENV := .venv
RIVALS := .venv-rivals
BIN := $(VENV)/bin
LOCKS := config/locks
UV_VERSION := 0.13.9
# -qq: errors only; --only-binary: never a compiler; --no-deps: the locks are whole, and pip, left to resolve
# "coverage[toml]", takes a newer release than the locked one, and then refuses it for want of a hash
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary :all:
ATHERIS := atheris==3.0.0 # Apache-2.0; for Python 3.11 to 3.13 on Linux; needed by nothing else
CHECKED := bot retrieval tests benchmarks fuzz

.DEFAULT_GOAL := help
.PHONY: help try test lint format bench bench-rivals fuzz audit crash soak screenshots browser lock clean
.DELETE_ON_ERROR:

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /make \1|/' | \
	  while IFS='|' read -r name what; do printf '  %-18s %s\n' "$$name" "$$what"; done

try: $(VENV)/.quoth ## try Quoth in a browser, with no Discord and no account (PORT=8000: another port; TORCH=cuda: for a GPU)
	@$(BIN)/quoth try $(if $(PORT),--port $(PORT))

test: lint browser ## everything that must hold: format, lint, types, import contracts, tests, coverage
	@echo "Tests"
	@$(BIN)/python -m pytest -q -n auto --dist loadscope --cov --cov-report=term

lint: $(VENV)/.dev $(VENV)/.quoth ## format, lint, types and import contracts, without the tests
	@echo "Format"
	@$(BIN)/ruff format --quiet --check . || { echo "Run 'make format'." >&2; exit 1; }
	@echo "Lint"
	@$(BIN)/ruff check --quiet .
	@echo "Types"
	@$(BIN)/mypy --no-error-summary $(foreach d,$(CHECKED),$(if $(wildcard $(d)/*.py),$(d)))
	@echo "Import contracts"
	@$(BIN)/lint-imports > $(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log >&2; exit 1; }

format: $(VENV)/.dev ## format the code, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.dev $(VENV)/.quoth ## measure everything, and write docs/quality.md and docs/performance.md (DATA=folder: on its labelled sets, too)
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.embedding
	@$(BIN)/python -m benchmarks.precision $(DATA)
	@$(BIN)/python -m benchmarks.crowd
	@$(BIN)/python -m benchmarks.servers
	@$(BIN)/python -m benchmarks.answers $(DATA)
	@$(BIN)/python -m benchmarks.pastes
	@$(BIN)/python -m benchmarks.summaries
	@$(BIN)/python -m benchmarks.conversations
	@$(BIN)/python -m benchmarks.perturbed
	@$(BIN)/python -m benchmarks.suggestions
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.index $(DATA) $(if $(MILLION),--million)

bench-rivals: $(VENV)/.quoth $(RIVALS)/.made ## measure txtai, LlamaIndex, Haystack and Chroma beside Quoth (DATA=folder: on its labelled sets, too)
	@$(BIN)/python -m benchmarks.rivals $(RIVALS)/bin/python $(DATA)

audit: $(VENV)/.dev $(VENV)/.audit ## Dockerfile, licences, bill of materials (sbom.cdx.json), known vulnerabilities of all packages
	@config/audit.sh $(VENV)

crash: $(VENV)/.dev $(VENV)/.quoth ## kill a process that changes a library at 500 random moments (make test: at 50)
	@QUOTH_KILLS=500 $(BIN)/python -m pytest -q -s tests/store/test_crash.py

fuzz: $(VENV)/.dev $(VENV)/.quoth ## try each parser with what no person writes (SECONDS=60: shorter; TARGET=pdf: one alone)
	@$(PIP) install --only-binary :all: $(ATHERIS)
	@for name in $(or $(TARGET),pages feeds sitemaps pdf docx epub json texts dates robots packed operators markdown custom-ids settings addresses); do \
	  echo "Fuzzing $$name for $(SECONDS) seconds"; \
	  $(BIN)/python -m fuzz "$$name" $(SECONDS) > $(VENV)/fuzz.log 2>&1 || { tail -n 40 $(VENV)/fuzz.log >&2; exit 1; }; \
	  sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' $(VENV)/fuzz.log; \
	done

soak: $(VENV)/.dev $(VENV)/.quoth ## a busy day of the bot in half an hour, with a Discord that fails (SOAK=--help: its options)
	@$(BIN)/python -m benchmarks.soak $(SOAK)

screenshots: $(VENV)/.dev $(VENV)/.quoth browser ## take the pictures in docs/cards/ anew
	@$(BIN)/python -m benchmarks.screenshots

browser: $(VENV)/.made # Chromium for the browser test
	@if [ "$$QUOTH_SKIP_BROWSER" = 1 ] || command -v chromium >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium for the browser test"; \
	  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } \
	    > $(VENV)/browser.log 2>&1 || { tail -n 5 $(VENV)/browser.log >&2; exit 1; }; \
	else \
	  echo "The browser test needs the program 'chromium': install your system's package of that name," \
	    "or set QUOTH_SKIP_BROWSER=1 to leave this test out." >&2; exit 1; \
	fi

lock: $(VENV)/.made ## write config/locks/ anew after a change of pyproject.toml (UPGRADE=--upgrade: newer releases)
	@$(PIP) install uv==$(UV_VERSION)
	@UV="$(BIN)/uv" config/lock.sh $(UPGRADE)

clean: ## remove the virtual environments and every cache (never your articles)
	@rm -rf $(VENV) $(RIVALS) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .fuzz .coverage .coverage.* \
	  build quoth.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment: each step leaves a stamp, so a second run does nothing and needs no network

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	  echo "Quoth needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is" \
	    "$$($(PYTHON) --version 2>/dev/null || echo 'not there'): name another, as in 'make $(MAKECMDGOALS) PYTHON=python3.12'." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing: install it (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "Making $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.torch-$(TORCH): $(LOCKS)/torch.txt $(LOCKS)/torch-cuda.txt config/torch.sh $(VENV)/.made
	@TORCH=$(TORCH) TORCH_INDEX=$(TORCH_INDEX) config/torch.sh "$(BIN)/python -m pip"
	@rm -f $(VENV)/.torch-*
	@touch $@

$(VENV)/.try: $(LOCKS)/try.txt $(VENV)/.torch-$(TORCH)
	@echo "Installing Quoth's other packages"
	@$(INSTALL) --find-links config/wheels -r $(LOCKS)/try.txt
	@touch $@

$(VENV)/.dev: $(LOCKS)/dev.txt $(VENV)/.try
	@echo "Installing the tools for tests"
	@$(INSTALL) --find-links config/wheels -r $(LOCKS)/dev.txt
	@$(PIP) check
	@touch $@

$(VENV)/.audit: $(LOCKS)/audit.txt $(VENV)/.made
	@echo "Installing the tools for the audit"
	@$(PYTHON) -m venv --clear $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --no-deps \
	  --only-binary :all: -r $(LOCKS)/audit.txt
	@touch $@

$(RIVALS)/.made: benchmarks/rivals/requirements.txt $(LOCKS)/torch.txt config/torch.sh $(VENV)/.made
	@echo "Making $(RIVALS), where the other tools are"
	@$(PYTHON) -m venv --clear $(RIVALS)
	@TORCH=cpu TORCH_INDEX=$(TORCH_INDEX) config/torch.sh "$(RIVALS)/bin/python -m pip"
	@$(RIVALS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --no-deps --only-binary :all: \
	  -r benchmarks/rivals/requirements.txt
	@touch $@

$(VENV)/.quoth: pyproject.toml $(VENV)/.try
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
