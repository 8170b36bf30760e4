# Each target is a line or two that a person could type; the README shows them without make.
VENV := .venv
PYTHON ?= python3
INSTALLED := $(VENV)/.installed

.PHONY: book test lint clean

book: $(INSTALLED)
	$(VENV)/bin/jupyter-book build book --config "$(CURDIR)/_config.yml" --toc "$(CURDIR)/_toc.yml" --path-output . -W --keep-going

test: $(INSTALLED)
	$(VENV)/bin/python -m pytest

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .

clean:
	rm -rf _build

$(INSTALLED): requirements.txt pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(INSTALLED)
