# Everything on a bare machine with Python 3.11 or newer and make: each target builds its own .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help demo test lint types unit format benchmark clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/ready ## LINE's calls in, members and segments out, to far sides played on this machine
	$(BIN)/td-line demo

test: lint types unit ## everything that must hold: ruff, mypy, pytest

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

unit: .venv/ready
	$(BIN)/pytest

format: .venv/ready ## lay the code out
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: .venv/ready ## figures, printed side by side
	$(BIN)/python benchmarks/export.py

clean: ## forget the virtual environment and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
