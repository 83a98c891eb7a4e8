# The workshop. Two commands matter: `make demo` and `make test`; `make` lists them all.
# Without make: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python -m app demo

IN := .venv/bin/
export PYTHON ?= python3
export UV_PYTHON_DOWNLOADS := never

.PHONY: help demo test system style types stairs templates suite bench lock audit migration translations scenes screenshots openapi clean

help: # (listed first because it stands first)
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s%s\n", $$1, $$2}' Makefile

demo: .venv/runs ## two neighbourhoods on http://127.0.0.1:8000; what you change there is kept
	$(IN)python -m app demo

test: system style types stairs templates suite ## everything, with a real PostgreSQL and a real Chromium

system: .venv/tests
	tools/system

style: .venv/tests
	$(IN)ruff check && $(IN)ruff format --check

types: .venv/tests
	$(IN)mypy

stairs: .venv/tests
	$(IN)lint-imports

templates: .venv/tests
	$(IN)djlint app/templates --lint --quiet --profile=jinja --ignore=H015,H020,H043,J004,J018

suite: export PYTHONDONTWRITEBYTECODE = # where a machine sets it, every worker and every server would compile the house anew
suite: .venv/tests tests/browser/node_modules/.package-lock.json
	$(IN)python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: .venv/tests ## the measurements against their bars; some of them: make bench ONLY="photos shares"
	$(IN)python -m bench $(ONLY)

lock: .venv/bin/uv ## write requirements*.txt anew from pyproject.toml; newest releases: make lock UP=--upgrade
	tools/lock $(UP)

audit: .venv/tests ## known weaknesses in what is locked; fails when it could not ask
	$(IN)pip-audit --strict --disable-pip --require-hashes -r requirements.txt

migration: .venv/tests ## write the step from the last migration to the models: make migration SAYS="bins have a colour"
	tools/migration "$(SAYS)"

translations: .venv/tests ## gather the words for people, compile the catalogues, name what is untranslated
	$(IN)python app/locale/update.py

scenes: .venv/tests ## rasterise the demo's drawn site scenes
	$(IN)python -m app.demo.scenes

screenshots: .venv/tests ## pictures of the main pages, from the demo, for the README
	$(IN)python -m tools.screenshots

openapi: .venv/runs ## write docs/openapi.json
	$(IN)python -m app openapi > docs/openapi.json

clean: ## forget everything installed and cached; the data in var/ stay
	rm -rf .venv .*_cache .hypothesis tests/browser/node_modules

.venv/runs: requirements.txt
	tools/install $< && touch $@

.venv/tests: requirements-dev.txt
	tools/install $< && touch $@

.venv/bin/uv: .venv/tests
	$(IN)python -m pip install uv

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	npm ci --prefix tests/browser --no-audit --no-fund && touch $@
