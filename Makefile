# make demo   sets up .venv and verifies two images from testdata/: one allowed, one refused
# make test   all checks that need no server
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint policies lock e2e checkers benchmark clean

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# The test data is of January 2026; rules are judged as of then, and the report says so.
DEMO := dhiverify image --key testdata/keys/publisher.pub --effective-time 2026-01-20

demo: $(VENV)/installed
	@printf '\n$$ $(DEMO) oci:testdata/allowed\n\n'
	@$(BIN)/$(DEMO) oci:testdata/allowed
	@printf '\n$$ $(DEMO) oci:testdata/refused\n\n'
	@$(BIN)/$(DEMO) oci:testdata/refused; code=$$?; test $$code -eq 1 || { echo "expected exit code 1, got $$code"; exit 1; }
	@printf '\nThe first image was allowed (exit code 0), the second refused (exit code 1), as they should be.\n'

test: lint
	$(BIN)/pytest -n auto -m "not e2e and not checker"

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

e2e: $(VENV)/installed-dev
	$(BIN)/pytest -m e2e tests/e2e

$(VENV)/installed-checkers: $(VENV)/installed-dev requirements-checkers.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-checkers.lock
	touch $@

checkers: $(VENV)/installed-checkers
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/pytest -m checker tests

benchmark: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

policies: $(VENV)/installed
	$(BIN)/python -m verifier.policy.compile

COMPILE := uv pip compile -q pyproject.toml --universal --python-version 3.11 --no-emit-index-url --no-header

lock:
	$(COMPILE) --group build --generate-hashes -o requirements.lock
	$(COMPILE) --group build --group dev --generate-hashes -o requirements-dev.lock
	$(COMPILE) --group build --group dev --group checkers --generate-hashes -o requirements-checkers.lock
	$(COMPILE) --resolution lowest-direct | \
		$(COMPILE) --group build --group dev --generate-hashes --constraint /dev/stdin -o requirements-lowest.lock

clean:
	rm -rf $(VENV) build dist
