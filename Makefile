# `make help` lists the targets.  Two of them are all that a newcomer needs: demo, test.

SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-live test-stack test-stack-long lint docs bench bench-agent bench-stack fuzz sbom audit clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

setup: $(VENV)/.runtime ## make .venv with what the program needs

demo: $(VENV)/.runtime ## captures through sensor, controller and worker on this machine
	@$(VENV)/bin/sentinel demo --once

test: $(VENV)/.dev ## run the tests of every change (at most 15 minutes)
	@tools/need_tshark.sh
	$(PY) -m pytest -n 2 --dist worksteal

test-long: $(VENV)/.dev ## run the tests at the sizes that issues name
	@tools/need_tshark.sh
	$(PY) -m pytest -n 2 --dist worksteal -m "long and not stack"

test-live: $(VENV)/.dev ## run the sensor on virtual radios, with real attack tools
	$(PY) -m pytest -m live tests/live

test-stack: $(VENV)/.dev ## execute the deployment guide on a Docker engine
	$(PY) -m pytest -m "stack and not long" tests/stack

test-stack-long: $(VENV)/.dev ## kill the containers of the stack at the sizes that issues name
	$(PY) -m pytest -m "stack and long" tests/stack

lint: $(VENV)/.dev ## style, types, layers, generated pages
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) tools/docs.py --check
	$(PY) tools/fingerprints.py --check
	$(PY) tools/lock.py --check

docs: $(VENV)/.dev ## make the generated pages anew
	$(PY) tools/docs.py
	$(PY) tools/fingerprints.py

bench: $(VENV)/.dev ## measure against tshark, tcpdump, scapy and COPY
	@tools/need_tshark.sh
	$(PY) -m benchmarks
	$(PY) -m benchmarks.events
	$(PY) -m benchmarks.ingest
	$(PY) -m benchmarks.worker

bench-agent: $(VENV)/.dev ## measure the sensor agent in real time, beside tcpdump
	$(PY) -m benchmarks.agent

bench-stack: $(VENV)/.dev ## measure the stack with one controller and with two
	$(PY) -m benchmarks.stack

fuzz: $(VENV)/.fuzz ## fuzz the decoder with coverage guidance (10 minutes)
	$(PY) -m tests.fuzz

sbom: $(VENV)/.supply ## bills of materials of the images (CycloneDX), in build/
	$(PY) tools/sbom.py

audit: $(VENV)/.supply ## known vulnerabilities of the locked packages (needs the network)
	@$(PY) -m tools.audit

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	@tools/make_venv.sh $(VENV)
	$(PY) -m pip install -q --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(PY) -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.txt
	$(PY) -m pip install -q --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/.supply: $(VENV)/.dev requirements/supply.txt
	$(PY) -m pip install -q --require-hashes -r requirements/supply.txt
	@touch $@
