# make site    set up Lens in its own virtual environment, build the demo with the documentation,
#              say where to look
# make test    set up what the tests need, Chromium too, and run them all
# make check   style, types, and who may import whom
# make faults  attack the program for an hour: kills (shards, too), flipped bits, odd commands,
#              hostile archives
# make shipped fetch anew what others made and the wheel carries: WordNet's hypernyms, MiniSearch
# make messages  gather what visitors read, and hand it to the translations of lens_site/site/locale
# make lock    move lock.txt, the versions that all of these install, to the newest there are
#
# With another Python: make site PYTHON=python3.12. In another folder: make site OUT=elsewhere.
# Without a GPU: make site TORCH=cpu, or any other value of uv's --torch-backend.
# With the newest versions, not the locked: make test LOCK= VENV=.venv-newest
# To keep make lock below some versions: UV_CONSTRAINT=FILE make lock

PYTHON ?= python3
VENV ?= .venv
OUT ?= build
LOCK := lock.txt
BIN := $(VENV)/bin
TOOLS := check test peers optional
VNU := $(VENV)/vnu-26.9.27.jar

.PHONY: site test check faults lock messages shipped chromium
.DELETE_ON_ERROR:

site: $(VENV)/.lens
	$(BIN)/lens-build --out $(OUT)
	$(BIN)/lens render --out $(OUT) --config docs/site.toml
	@echo
	@echo "Look: open $(OUT)/site/index.html, or type: $(BIN)/lens serve --out $(OUT)"

test: $(VENV)/.tools chromium $(VNU)
	LENS_CHROMIUM="$(browser)" LENS_VNU="$(abspath $(VNU))" $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(VENV)/.tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: $(VENV)/.tools
	$(BIN)/python tests/faults/soak.py

# Stamps: a second call installs nothing until pyproject.toml or the lock changes.
$(VENV)/.lens: pyproject.toml $(LOCK) | $(BIN)/pip
	$(BIN)/pip install --quiet --upgrade $(locked) pip $(if $(TORCH),uv)
	$(if $(TORCH),$(BIN)/uv pip install --python $(BIN)/python --torch-backend $(TORCH) \
	$(locked) torch torchvision)
	$(BIN)/pip install $(locked) $(LOCK:%=--build-constraint %) --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.lens
	$(BIN)/pip install --quiet $(locked) $(TOOLS:%=--group %)
	@touch $@

locked = $(LOCK:%=--constraint %)

# For every Python and system, no address inside: a constraint admits the CPU build of torch.
lock: | $(BIN)/pip
	$(BIN)/pip install --quiet --upgrade uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "make lock" $(TOOLS:%=--group %) --group render --group messages --group install \
	--output-file lock.txt pyproject.toml

# A translation is a file; a new one: pybabel init -l fr -i lens.pot -D lens -d . in its folder.
messages: | $(BIN)/pip
	$(BIN)/pip install --quiet $(locked) --group messages jinja2
	$(BIN)/pybabel -q extract -F babel.cfg --sort-by-file --add-location file --no-wrap \
	$(said:%=-k %) --project lens-site --copyright-holder "The Lens maintainers" \
	-o $(locale)/lens.pot .
	$(BIN)/pybabel -q update -D lens -i $(locale)/lens.pot -d $(locale) --no-wrap \
	--no-fuzzy-matching --ignore-obsolete
	sed -i -E '/^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-)/d' \
	$(locale)/lens.pot $(locale)/*/LC_MESSAGES/lens.po

locale := lens_site/site/locale
said := say many:1,2 say_as:1c,2 many_as:1c,2,3 later later_many:1,2 lensSay lensMany:1,2

# WordNet 3.0 from Debian, MiniSearch from npm; each is held to its checksum or its tests.
shipped: $(VENV)/.tools
	rm -rf build/shipped && mkdir -p build/shipped
	cd build/shipped && apt-get download wordnet-base && dpkg-deb --extract wordnet-base_*.deb .
	$(BIN)/python -m lens_site.tree.make build/shipped/usr/share/wordnet \
	"$$($(BIN)/python -c 'from importlib.resources import files; \
	print(files("timm.data") / "_info" / "imagenet_synsets.txt")')"
	cd build/shipped && npm pack --silent minisearch@7.2.0 && tar -xzf minisearch-*.tgz
	cp build/shipped/package/LICENSE.txt lens_site/site/minisearch/
	cp build/shipped/package/dist/umd/index.js lens_site/site/minisearch/minisearch.js
	cd lens_site/site/minisearch && sha256sum --check SHA256SUMS

$(BIN)/pip:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	{ echo "$(PYTHON): wanted Python 3.11 or newer; type: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { $(call debian,python3-venv); }
	$(PYTHON) -m venv $(VENV)

chromium:
	@test -n "$(browser)" || $(call debian,chromium fonts-liberation)

browser = $${LENS_CHROMIUM:-$$(command -v chromium || command -v chromium-browser || \
	command -v google-chrome || true)}

# The Nu Html Checker, from npm; where java or npm is absent, its tests are skipped and say so.
$(VNU): | $(BIN)/pip
	@if command -v java && command -v npm; then cd $(VENV) && \
	npm pack --silent $(@F:vnu-%.jar=vnu-jar@%) && \
	tar -xzf vnu-jar-*.tgz --strip-components 3 package/build/dist/vnu.jar && \
	mv vnu.jar $(@F) && rm vnu-jar-*.tgz; fi >/dev/null || echo "no vnu-jar from npm" >&2

# Debian's packages, where we may install them; elsewhere a line that says what to do.
AS_ROOT = $$([ "$$(id -u)" = 0 ] || echo sudo -n) env DEBIAN_FRONTEND=noninteractive
debian = { $(AS_ROOT) apt-get -qq update && \
	$(AS_ROOT) apt-get -qq install --yes --no-install-recommends $(1); } || \
	{ echo "missing: $(1); an administrator can type: apt-get install $(1)" >&2; exit 1; }
