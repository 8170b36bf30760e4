# Each target is a line or two that a person could type; the README shows them without make.
VENV := .venv
PYTHON ?= python3
INSTALLED := $(VENV)/.installed

LAB := $(VENV)/bin/jupyter-lab
NEWEST_INSTALLED := .venv-newest/.installed
RECHECK := $(if $(NEWEST),.venv-newest,$(VENV))

.PHONY: book page watch serve test audit accept lint links bench live lab notebooks package release record reverify clean

# make book RUNS=mixing-book.tar.gz takes the runs of a release, FRESH=1 runs all pages
ifdef RUNS
book:
	@$(PYTHON) book/mixbook take "$(RUNS)" "$(SHA256)" || { [ $$? = 3 ] && $(MAKE) book RUNS=; }
else
book: $(INSTALLED)
	$(VENV)/bin/python book/mixbook build --quiet $(if $(FRESH),--fresh)
endif

# one page, for example: make page P=kernels/linear
page: $(INSTALLED)
	@$(VENV)/bin/python book/mixbook page "$(P)"

watch: $(INSTALLED)
	@$(VENV)/bin/python book/mixbook watch "$(P)"

# the built site, at an address of this machine
serve:
	@$(PYTHON) book/mixbook serve $(if $(PORT),--port $(PORT))

test: $(INSTALLED)
	$(VENV)/bin/python -m pytest -n 2

# what `make test` runs in part: every page run twice, every page in the browser in both themes at both widths, mutants;
# _build/audit names what failed
audit: $(INSTALLED)
	rm -rf _build/audit
	$(VENV)/bin/python -m pytest -n 2 --audit; tested=$$?; \
	$(VENV)/bin/python tests/mutation --sample 300 --jobs 2 --report _build/audit/mutants.md && exit $$tested

# of a changed verdict or criterion the reason: make accept WHY="claim.id: the reason"
accept: $(INSTALLED)
	$(VENV)/bin/python book/mixbook accept $(if $(WHY),--why "$(WHY)")

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/python book/mixbook lint
	$(VENV)/bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	$(VENV)/bin/zizmor --offline --quiet --pedantic .github

# the addresses on other hosts that the built site links to, each asked once
links: $(INSTALLED)
	$(VENV)/bin/python book/mixbook links

# what this machine found, as a file for the page on environments
record: $(INSTALLED)
	$(VENV)/bin/python book/mixbook record

# all pages afresh, and what differs from the accepted findings; NEWEST=1: with the newest packages that are allowed
reverify: $(if $(NEWEST),$(NEWEST_INSTALLED),$(INSTALLED))
	$(RECHECK)/bin/python book/mixbook reverify

bench: $(INSTALLED)
	$(VENV)/bin/python -m benchmarks

# all pages as executed notebooks, for a release: _build/notebooks and notebooks.zip in it
notebooks: $(INSTALLED)
	@$(VENV)/bin/python book/mixbook notebooks

# what a new dev container runs: everything that `make live` needs
lab: $(LAB)

# Jupyter Lab on the pages. It is large and no page needs it, so it is installed when somebody asks for it.
live: $(LAB)
	PYTHONPATH=$(CURDIR)/book $(LAB) --notebook-dir book

$(LAB): $(INSTALLED)
	$(VENV)/bin/python -m pip install --disable-pip-version-check -c requirements.txt jupyterlab==4.6.6
	$(VENV)/bin/jupytext-config --settings-file $(VENV)/etc/jupyter/labconfig/default_setting_overrides.json set-default-viewer markdown myst
	touch $(LAB)

# wheel and sdist, in dist/
package: $(INSTALLED)
	$(VENV)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	$(VENV)/bin/python -c 'from setuptools import build_meta; build_meta.build_sdist("dist")' >/dev/null

# what a release offers, in dist/: package, notebooks, site and runs in one archive, and the sums of all files there
release: book notebooks package
	cp _build/notebooks/notebooks.zip dist/
	$(VENV)/bin/python book/mixbook release

clean:
	rm -rf _build

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 14) or sys.exit("Python 3.11 to 3.14 is needed, $(PYTHON) is " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) from requirements.txt: some minutes, once"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --disable-pip-version-check -r requirements.txt
	$(VENV)/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(INSTALLED)

# no pins: what a user gets today who installs the library; TORCH='torch --index-url ...' chooses its wheel
$(NEWEST_INSTALLED): pyproject.toml
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	$(if $(TORCH),.venv-newest/bin/python -m pip install --disable-pip-version-check $(TORCH))
	.venv-newest/bin/python -m pip install --disable-pip-version-check --editable '.[book,test]'
	touch $(NEWEST_INSTALLED)
