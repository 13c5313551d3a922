# The commands of rollnb; `make` alone lists them. Each makes .venv first, or brings it up to date.

PYTHON ?= python3# any Python from 3.11 on: make lab PYTHON=python3.12
PYTEST_OPTIONS ?=# such as --durations=20
LAB_OPTIONS ?=# such as --no-browser --port=8899

BIN := .venv/bin
IS_ROOT := $(filter 0,$(shell id -u))

# A notebook's cells must run one after the other, so xdist deals out whole files.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help lab lesson test quick browser-test agreement mutations bench lint notebooks slides gallery constraints clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

lab: .venv/.stamp ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab $(if $(IS_ROOT),--allow-root) $(LAB_OPTIONS) notebooks

lesson: .venv/.stamp ## play the lesson in the terminal and write its figures into build/
	$(BIN)/python -m rollnb.lesson

test: .venv/.stamp ## run all tests: package, notebooks, browser (needs Chromium, skips without)
	$(PYTEST) $(PYTEST_OPTIONS)

quick: .venv/.stamp ## run the tests of the package alone: no notebooks, no browser
	$(PYTEST) -m "not slow and not browser" tests $(PYTEST_OPTIONS)

browser-test: .venv/.stamp ## run only the tests in a real browser
	$(BIN)/python -m pytest -m browser tests $(PYTEST_OPTIONS)

agreement: .venv/.stamp ## compare with what Kubernetes 1.36 did: facts, recordings, cases
	$(PYTEST) --quiet tests/test_facts_*.py tests/test_recordings.py tests/test_cases.py

mutations: .venv/.stamp ## break one rule after the other and see that tests notice it (minutes)
	$(BIN)/python tools/mutate.py

bench: .venv/.stamp ## compare the speed with that of a simulation with SimPy
	$(BIN)/python -m pip install --quiet --group bench --constraint constraints.txt
	$(BIN)/python benchmarks/bench.py

lint: .venv/.stamp ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: .venv/.stamp ## run the notebooks, store their outputs and slide types
	$(BIN)/python tools/store_notebooks.py notebooks

slides: .venv/.stamp build/slides/.stamp ## turn the notebooks into decks of slides in build/slides (needs npm once)
	$(BIN)/python tools/make_slides.py notebooks build/slides

gallery: .venv/.stamp ## draw the pictures of README.md anew (the explorer's needs Chromium)
	$(BIN)/python tools/make_gallery.py

constraints: ## write constraints.txt anew, from the newest versions that fit pyproject.toml
	$(PYTHON) -m venv --clear build/venv
	build/venv/bin/python -m pip install --quiet --upgrade 'pip >=25.1'
	build/venv/bin/python -m pip install --quiet --editable '.[notebooks]' --group test --group bench
	build/venv/bin/python -m pip freeze --exclude-editable > constraints.txt

clean: ## remove .venv, build/ and caches
	rm -rf .venv build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# What the decks need to run without a network.
build/slides/.stamp:
	mkdir -p build/slides
	npm install --silent --no-audit --no-fund --no-save --prefix build/slides \
	    reveal.js@4 requirejs jquery@3
	touch $@

# The stamp is newer than the lists of packages once .venv holds them.
.venv/.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'rollnb needs Python 3.11 or later: make lab PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' \
	    || { echo 'Python lacks venv; on Debian and Ubuntu: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip >=25.1' # earlier ones lack --group
	$(BIN)/python -m pip install --quiet --editable '.[notebooks]' --group test \
	    --constraint constraints.txt
	touch $@
