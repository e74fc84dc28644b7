# Wenyuan: set-up, service, tests and checks. Needs GNU make, sh and Python 3.11 or 3.12; nothing else beforehand.
# `make` alone lists the targets.

VENV ?= .venv
MODELS ?= var/models
ARGS ?=
CORPUS ?=
DOCUMENTS ?=
MUTANTS ?= 20000
BENCH_VENV ?= .venv-bench
PEERS_VENV ?= .venv-peers
TRAIN_VENV ?= .venv-train

PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STAMPS := $(VENV)/stamps
COMPILE = sh scripts/with-pip-index.sh $(PY) $(UV) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv setup demo serve test bench bench-parse bench-retrieval bench-peers fit-retrieval fit-reader bench-answers bench-models bench-guard gpu-check prove-access mutants-access bench-kills bench-hostile check check-ruff check-format check-types check-layers check-lints fix lock clean

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '%-18s %s\n' "$$name" "$$text"; done

# --- set-up: each step leaves a stamp, so that a repeated run costs nothing and a changed lock is followed ------------

$(PY):
	@python=$$(sh scripts/find-python.sh) && "$$python" -m venv $(VENV)

$(STAMPS)/uv: requirements/bootstrap.lock | $(PY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/bootstrap.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: requirements/dev.lock $(STAMPS)/uv
	@echo 'installing the locked packages into $(VENV) (about 1.6 GB the first time)'
	@sh scripts/with-pip-index.sh $(PY) $(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(PY) requirements/dev.lock
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@$(PY) -m compileall -q wenyuan ingest
	@touch $@

$(STAMPS)/models: $(STAMPS)/project $(wildcard wenyuan/models/*.py wenyuan/models/graphs/*.py configs/reader.npz ingest/ocr/*.py)
	$(PY) -m wenyuan.models $(MODELS)
	$(PY) -m ingest.ocr $(MODELS)
	@touch $@

venv: $(STAMPS)/project ## create .venv with the locked packages and the project itself

setup: $(STAMPS)/models ## venv, and the models built in var/models

# --- use ------------------------------------------------------------------------------------------------------------

demo: setup ## ingest the demo corpus, ask as two users, print cited answers and refusals
	@$(PY) -m eval.demo $(ARGS)

serve: setup ## start API and page on 127.0.0.1:8000
	@$(VENV)/bin/wenyuan serve $(ARGS)

# --- develop --------------------------------------------------------------------------------------------------------

test: setup ## run the tests, two files at a time; what needs an absent program is skipped and counted
	@$(PY) -m pytest -q --numprocesses 2 --dist loadfile $(ARGS)

bench: setup ## measure start-up and embedding, and search over CORPUS=FOLDER (BEIR layout) if it is given
	$(PY) -m benchmarks.startup
	$(PY) -m benchmarks.embedding
	@if [ -n '$(CORPUS)' ]; then set -x; $(PY) -m benchmarks.search --corpus '$(CORPUS)' $(ARGS); fi

$(BENCH_VENV)/packages: requirements/bench.lock $(STAMPS)/uv
	@$(PY) -m venv --without-pip $(BENCH_VENV)
	@sh scripts/with-pip-index.sh $(PY) $(UV) pip sync --quiet --require-hashes --python $(BENCH_VENV)/bin/python requirements/bench.lock
	@touch $@

bench-parse: setup $(BENCH_VENV)/packages ## text, tables, order, speed and memory of the parser beside other engines (DOCUMENTS=FOLDER)
	@test -n '$(DOCUMENTS)' || { echo 'give DOCUMENTS=FOLDER, the folder with the labelled papers' >&2; exit 2; }
	@failed=0; \
	$(PY) -m benchmarks.parsing.pdf --seeds 100-108 || failed=1; \
	$(PY) -m benchmarks.parsing.order --documents '$(DOCUMENTS)' || failed=1; \
	$(PY) -m benchmarks.parsing.tables --documents '$(DOCUMENTS)' || failed=1; \
	$(PY) -m benchmarks.parsing.office --seeds 100-108 --pages || failed=1; \
	$(PY) -m benchmarks.parsing.speed --documents '$(DOCUMENTS)' --python $(BENCH_VENV)/bin/python $(ARGS) || failed=1; \
	exit $$failed

prove-access: setup ## random trials of who may read what, at index, pipeline and HTTP (ARGS=--long: 1,110,000 of them)
	$(PY) -m benchmarks.proof.trials $(ARGS)

mutants-access: setup ## faults put into the authorisation code one at a time: the tests must notice every one
	$(PY) -m benchmarks.proof.mutants $(ARGS)

bench-retrieval: setup ## what each stage of retrieval adds and costs, on the public sets below DATA=FOLDER
	$(PY) -m benchmarks.retrieval --data '$(DATA)' $(ARGS)

$(PEERS_VENV)/packages: requirements/peers.lock $(STAMPS)/uv
	@$(PY) -m venv --without-pip $(PEERS_VENV)
	@sh scripts/with-pip-index.sh $(PY) $(UV) pip sync --quiet --require-hashes --python $(PEERS_VENV)/bin/python requirements/peers.lock
	@touch $@

bench-peers: setup $(PEERS_VENV)/packages ## other retrieval engines over the sets below DATA=FOLDER, with our vectors
	$(PY) -m benchmarks.peers --data '$(DATA)' --python $(PEERS_VENV)/bin/python $(ARGS)

gpu-check: setup ## whether the models take a GPU and give what the processor gives; says what is missing
	$(PY) -m benchmarks.gpu --models-dir $(MODELS) $(ARGS)

fit-retrieval: setup ## learn the map of questions, the weights of the fusion and the offline reranker from DATA=FOLDER
	$(PY) -m benchmarks.retrieval.fit --data '$(DATA)' $(ARGS)

$(TRAIN_VENV)/packages: requirements/train.lock $(STAMPS)/uv
	@$(PY) -m venv --without-pip $(TRAIN_VENV)
	@sh scripts/with-pip-index.sh $(PY) $(UV) pip sync --quiet --require-hashes --python $(TRAIN_VENV)/bin/python requirements/train.lock
	@touch $@

fit-reader: setup $(TRAIN_VENV)/packages ## train the reader that looks for the answer, from DATA=FOLDER
	$(TRAIN_VENV)/bin/python -m benchmarks.reader.train --data '$(DATA)/cmrc/cmrc2018_train.json.gz' \
		--silent '$(DATA)/chinese_squad/dev-v2.0-zh.json' \
		--parallel '$(DATA)/xquad/xquad.zh.json' '$(DATA)/xquad/xquad.en.json' --out configs/reader.npz $(ARGS)

bench-answers: setup ## quoted answers, refusals, planted errors and conflicts on the public sets below DATA=FOLDER
	@test -n '$(DATA)' || { echo 'give DATA=FOLDER, the folder with the public sets' >&2; exit 2; }
	@failed=0; \
	$(PY) -m benchmarks.extractive --data '$(DATA)' $(ARGS) || failed=1; \
	$(PY) -m benchmarks.answering.planted --models-dir $(MODELS) --count 500 || failed=1; \
	$(PY) -m benchmarks.answering.planted --models-dir $(MODELS) --count 500 --held-out || failed=1; \
	$(PY) -m benchmarks.answering.planted --models-dir $(MODELS) --count 500 --newest || failed=1; \
	$(PY) -m benchmarks.answering.speed --models-dir $(MODELS) --data '$(DATA)/xquad/xquad.zh.json' --parallel '$(DATA)/xquad/xquad.en.json' || failed=1; \
	$(PY) -m benchmarks.answering.saferag --data '$(DATA)/saferag' || failed=1; \
	$(PY) -m benchmarks.answering.quiet --data '$(DATA)' || failed=1; \
	$(PY) -m benchmarks.answering.tables --documents '$(DATA)/documents' '$(DATA)/company' '$(DATA)/financebench' --tatqa '$(DATA)/tatqa/tatqa_dataset_dev.json' || failed=1; \
	exit $$failed

bench-models: setup ## hostile models, secrets in prompts, streams that end, the page in Chromium
	@failed=0; for what in 'malicious --outputs 10000' 'browser --outputs 1000' 'prompts --prompts 100000' 'streams --streams 1000'; do \
		$(PY) -m benchmarks.writing.$$what || failed=1; done; exit $$failed

bench-guard: setup ## personal data, word lists, instructions planted in documents
	@failed=0; for what in 'personal --seed 2' words 'injection --cases 720'; do $(PY) -m benchmarks.guard.$$what || failed=1; done; exit $$failed

bench-hostile: setup ## hostile files, honest ones, hidden text, and mutants (MUTANTS=20000 of PDF, images, packages each; 40 times fewer of others)
	$(PY) -m benchmarks.hostile
	$(PY) -m benchmarks.hostile.served
	$(PY) -m benchmarks.hostile.honest
	$(PY) -m benchmarks.hostile.hidden
	for kind in pdf image zip; do $(PY) -m benchmarks.hostile.mutants --format $$kind --count $(MUTANTS) $(ARGS) || exit 1; done
	$(PY) -m benchmarks.hostile.mutants --format other --count $$(($(MUTANTS) * 11 / 40)) $(ARGS)

bench-kills: setup ## kill -9 the server 20 times while it takes 50 files in; nothing may be lost, doubled or left over
	$(PY) -m benchmarks.kills $(ARGS)

check: venv ## lint, format, types, layers and own lints; changes nothing
	@$(MAKE) --no-print-directory --keep-going check-ruff check-format check-types check-layers check-lints

check-ruff: venv
	$(VENV)/bin/ruff check --quiet .

check-format: venv
	$(VENV)/bin/ruff format --quiet --check .

check-types: venv
	$(VENV)/bin/mypy --strict

check-layers: venv
	$(VENV)/bin/lint-imports --no-logo --no-cache

check-lints: venv
	$(PY) -m scripts.lints

fix: venv ## format and apply the safe fixes
	$(VENV)/bin/ruff check --fix --quiet . || true
	$(VENV)/bin/ruff format --quiet .

lock: $(STAMPS)/uv ## compile the lock files again from pyproject.toml (ARGS=--upgrade takes newer releases)
	$(COMPILE) $(ARGS) --extra cpu --extra dev --output-file requirements/dev.lock pyproject.toml
	$(COMPILE) --extra cpu --constraint requirements/dev.lock --output-file requirements/runtime.lock pyproject.toml
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"], sep="\n")' \
		| $(COMPILE) $(ARGS) --output-file requirements/bench.lock -
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["peers"], sep="\n")' \
		| $(COMPILE) $(ARGS) --output-file requirements/peers.lock -
	$(COMPILE) $(ARGS) --extra cpu --extra train --constraint requirements/dev.lock --output-file requirements/train.lock pyproject.toml
	echo uv | $(COMPILE) --constraint requirements/dev.lock --output-file requirements/bootstrap.lock -

clean: ## remove caches and build leftovers, never data, models or .venv
	rm -rf dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
