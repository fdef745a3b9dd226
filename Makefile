PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test metamorphic bench fuzz gallery catalogues clean

demo: $(VENV)/.installed
	$(BIN)/symbp derive mazur --to tex --to md -o output/

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict symbp
	$(BIN)/pytest -q -n auto

# Hand work in made-up notations, whose truth is known: what `symbp verify` makes of it. `make metamorphic N=40 SEED=2` is a smaller one.
N ?= 400
SEED ?= 1
JOBS ?= 2

metamorphic: $(VENV)/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m notations.measure --count $(N) --seed $(SEED) --jobs $(JOBS)

gallery: $(VENV)/.installed
	$(BIN)/symbp derive mazur --to tex --to beamer --to typ --to md --to html --to ipynb --to txt --to json -o output/
	$(BIN)/symbp derive 2-3-1:tanh,sigmoid --notation ufldl --to md -o output/
	$(BIN)/symbp derive 2-2-2-2 --notation nielsen --to tex -o output/
	$(BIN)/symbp derive softmax --to tex --appendix all -o output/
	$(BIN)/symbp derive recurrent --to md -o output/
	$(BIN)/symbp derive skip --to md --notation ng -o output/
	$(BIN)/symbp derive autoencoder --to tex -o output/
	$(BIN)/symbp derive convolution --to txt --notation bishop -o output/
	$(BIN)/symbp derive han_kamber --to txt --detail brief --notation rumelhart -o output/
	$(BIN)/symbp derive general --to md --notation ufldl -o output/
	$(BIN)/symbp derive layer:batch_norm --to md -o output/
	$(BIN)/symbp train xor --steps 100 --to txt -o output/

CATALOGUES := templates/locale
EXTRACT := $(BIN)/pybabel -q extract --mapping pyproject.toml --project symbp --no-location --no-wrap --output
UPDATE := $(BIN)/pybabel -q update --domain symbp --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

# The messages as they stand now, into every catalogue: new ones are empty there, what is no longer said is dropped.
catalogues: $(VENV)/.installed-dev
	mkdir -p build
	$(EXTRACT) build/symbp.pot .
	$(UPDATE) --input-file build/symbp.pot --output-dir $(CATALOGUES)
	$(BIN)/pybabel -q compile --domain symbp --directory $(CATALOGUES)

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py

fuzz: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/fuzz.py

clean:
	rm -rf $(VENV) build dist tests/real/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: an install is repeated only when pyproject.toml is newer.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "symbp needs Python 3.11 or newer; name one by PYTHON=...")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(VENV)/.installed $@
