# Every chore, each one line. `make serve` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PLAINCODE_HOME ?= $(CURDIR)/.plaincode
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: serve setup test bench bench-relevance lint docs lock clean

serve: setup            ## build the starter the first time, then run the site
	$(BIN)/plaincode serve --build

setup: $(VENV)/.ready    ## a virtual environment with exact versions

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "plaincode needs Python 3.11 or newer; this is %d.%d. Run: make PYTHON=python3.11 ..." % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps -r requirements-dev.lock
	@touch $@

test: $(VENV)/.ready-dev ## the tests of a bare machine
	$(BIN)/pytest

lint: $(VENV)/.ready-dev ## style, types, who may import whom, our own content
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
	$(BIN)/plaincode titles check && $(BIN)/plaincode guides check

bench: $(VENV)/.ready-dev ## speed, beside a peer where there is one
	$(BIN)/python benchmarks/speed.py

bench-relevance: $(VENV)/.ready-dev ## recall of judged searches, beside a peer
	$(BIN)/python benchmarks/relevance/measure.py

docs: $(VENV)/.ready-dev ## the documentation, strict
	$(BIN)/mkdocs build --strict

lock: $(VENV)/.ready-dev ## write the lock files anew
	$(BIN)/python tools/lock.py

clean:                   ## forget the environment and the catalog
	rm -rf $(VENV) .plaincode
