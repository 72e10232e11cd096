# Two commands on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
# Without a GPU, `make run TORCH=cpu` fetches PyTorch's CPU builds: a tenth of the size.

PYTHON ?= python3
PORT ?= 8501
NAME ?= training
ARGUMENTS ?=
BIN := .venv/bin
PIP = $(BIN)/python -m pip install --disable-pip-version-check
TORCH ?= default
TORCH_CPU = https://download.pytorch.org/whl/cpu

.PHONY: run test test-engines try-container check benchmark campaign lint lint-js browser node clean

run: .venv/installed
	@echo "== Serving the dashboard on http://localhost:$(PORT) (stop it with Ctrl-C)"
	$(BIN)/streamlit run app.py --server.port $(PORT)

# Everything. Three processes even on two cores, since most tests wait for processes of their own.
test: lint browser
	@echo "== Tests (some minutes)"
	$(BIN)/python -m pytest --numprocesses 3

# Trainings on a real Ray of one machine: started, killed and ended by its process ids.
test-engines: .venv/tested .venv-ray/installed
	@echo "== Tests with a real engine (some minutes)"
	$(BIN)/python -m pytest -m engines tests/engines

# The quick half, before each commit: no browser, no trained run.
check: lint
	@echo "== Quick tests"
	$(BIN)/python -m pytest --numprocesses 2 -m "not browser and not slow and not engines"

# One of the programs in benchmarks/, with what it needs: make benchmark NAME=training ARGUMENTS=--quick
benchmark: .venv/tested browser
	@echo "== Measuring: $(NAME)"
	$(BIN)/python -m benchmarks.$(NAME) $(ARGUMENTS)

# Every fault at length, 20 minutes: see docs/reliability.md.
campaign: .venv/tested
	$(BIN)/python -m tests.faults.campaign

# The image built, run, stopped and gone on with: as root on Debian, half an hour, 30 GB. See docs/container.md.
try-container: .venv/tested
	$(BIN)/python -m tests.container.try_it $(ARGUMENTS)

lint: .venv/tested lint-js
	@echo "== Lint and types"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The dashboard needs no Node: only the checks of its JavaScript, and the tests that run some of it.
lint-js: node
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory node_modules/installed \
	  && echo "== Lint of JavaScript, CSS and HTML" && npm run --silent lint; \
	else \
	  echo "!! Node is missing and cannot be installed by this user: JAVASCRIPT WILL NOT BE CHECKED."; \
	  echo "!! Install it with: sudo apt-get install nodejs npm"; \
	fi

node_modules/installed: package.json package-lock.json
	@echo "== Installing what checks the JavaScript"
	npm ci --silent
	@touch $@

node:
	@if command -v node >/dev/null && command -v npm >/dev/null; then echo "== Node: $$(node --version)"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "== Installing Node with apt-get for the checks of the JavaScript"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null; \
	fi

# Browser tests need Debian's Chromium. Without it they are skipped, and pytest says so.
browser:
	@if command -v chromium >/dev/null; then echo "== Chromium: $$(chromium --version 2>/dev/null)"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "== Installing Chromium with apt-get for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else \
	  echo "!! Chromium is missing and cannot be installed by this user: BROWSER TESTS WILL BE SKIPPED."; \
	  echo "!! Install it with: sudo apt-get install chromium"; \
	fi

# pip says what it fetches and how far it is, since this takes minutes.
.venv/installed: requirements.txt
	@echo "== Making .venv and installing what the dashboard needs (once)"
	$(PYTHON) -m venv .venv
ifeq ($(TORCH),cpu)
	@echo "== PyTorch for processors, without a GPU"
	$(PIP) torch torchvision --index-url $(TORCH_CPU)
else
	@echo "== With PyTorch for NVIDIA GPUs: some 5 GB and several minutes (without a GPU: make run TORCH=cpu)"
endif
	$(PIP) -r requirements.txt
	@touch $@

.venv/tested: .venv/installed requirements-dev.txt requirements-exports.txt
	@echo "== Installing what the tests need"
	$(PIP) --quiet -r requirements-dev.txt
	@touch $@

# Never together with what the dashboard needs: it speaks to Ray over HTTP.
.venv-ray/installed: requirements-engines.txt
	@echo "== Making .venv-ray and installing Ray for the tests (once, 400 MB)"
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --disable-pip-version-check --quiet -r requirements-engines.txt
	@touch $@

clean:
	rm -rf .venv .venv-ray node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
