# Everything on a bare machine with Python 3.11 or newer and make: each target builds its own .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help demo test lint types docs unit examples hosts reference release-check format benchmark clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/ready ## LINE's calls in, members and segments out, to far sides played here; STORE=plazma: by Treasure Data
	$(BIN)/td-line demo $(if $(STORE),--store $(STORE))

test: lint types docs unit examples ## everything that must hold: ruff, mypy, the site, pytest, the example package

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy
	cd examples/line_audience && ../../$(BIN)/mypy --cache-dir ../../.mypy_cache/line_audience

unit: .venv/ready
	$(BIN)/pytest --numprocesses 2

examples: .venv/ready ## install the example package beside the others, and run its tests as its author would
	rm -rf build/examples
	$(BIN)/pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
		--target build/examples examples/line_audience
	cd examples/line_audience && PYTHONPATH=../../build/examples ../../$(BIN)/pytest -p no:cacheprovider

hosts: .venv/ready ## the operator and the task with the real Airflow and Prefect: 500 MB, a few minutes
	$(PYTHON) -m venv build/hosts/airflow
	build/hosts/airflow/bin/pip install --quiet --editable '.[serve,test]' apache-airflow
	AIRFLOW_HOME=$(CURDIR)/build/hosts/home build/hosts/airflow/bin/pytest tests/hosts/test_exporting.py -k airflow
	$(PYTHON) -m venv build/hosts/prefect
	build/hosts/prefect/bin/pip install --quiet --editable '.[serve,test]' prefect 'fastapi<0.140' # newer ones: it does not start
	PREFECT_HOME=$(CURDIR)/build/hosts/home build/hosts/prefect/bin/pytest tests/hosts/test_exporting.py -k prefect

docs: .venv/ready ## the site, in site/; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html -d site/.doctrees docs site

reference: .venv/ready ## write what the code knows into the reference pages
	$(BIN)/python -m tools.reference

release-check: .venv/ready ## build the wheel, and run the demonstration from it on each Python there is
	$(BIN)/python -m tools.release

format: .venv/ready ## lay the code out
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: .venv/ready ## figures, printed side by side
	$(BIN)/python benchmarks/export.py

clean: ## forget the virtual environment and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist site
