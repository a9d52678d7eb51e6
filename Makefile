# `make` alone lists what there is. Only `make run` and `make test` are needed on a fresh machine.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
# The tests start hundreds of processes: each would compile the whole product anew, which takes
# longer than all else that a start does.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
SEED ?=
RUNS ?= 100
ARGS ?=

## Use

.PHONY: run
run: .venv/ready  ## start a server with a database of its own and a demonstration channel
	@exec $(BIN)/tigertally serve --demo $(ARGS)

.PHONY: load
load: .venv/ready  ## load a running server: make load ARGS="--rate 3000 --seconds 60"
	@exec $(BIN)/tigertally load $(ARGS)

## Check

.PHONY: test
test:  ## everything: style, types, dependency rules, all tests; several things at a time
	@$(MAKE) -j 4 --output-sync=target .venv/ready test-programs test-c test-java
	@$(MAKE) -j 2 lint test-python

.PHONY: test-python
test-python: .venv/ready
	@$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: lint
lint: .venv/ready  ## style, format, types, dependency rules
	@.ci/step "ruff check" $(BIN)/ruff check --output-format concise
	@.ci/step "ruff format" $(BIN)/ruff format --check
	@.ci/step "mypy strict" $(BIN)/mypy
	@.ci/step "dependency rules" $(BIN)/lint-imports --no-logo

.PHONY: fmt
fmt: .venv/ready  ## mend style and format in place
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

.PHONY: test-programs
test-programs:
	@command -v oathtool >/dev/null || .ci/packages oathtool || \
	  echo "WITHOUT oathtool: the tests that take their codes from it will be SKIPPED" >&2
	@command -v openssl >/dev/null || .ci/packages openssl || \
	  echo "WITHOUT openssl: the tests of time stamps will be SKIPPED" >&2
	@command -v go >/dev/null || .ci/packages golang-go || \
	  echo "WITHOUT Go: the foreign look at the published log will be SKIPPED" >&2
	@command -v softhsm2-util >/dev/null || .ci/packages softhsm2 || \
	  echo "WITHOUT softhsm2: the tests of the PKCS #11 driver will be SKIPPED" >&2
	@{ command -v chromium && fc-list :lang=zh | grep .; } >/dev/null || \
	  .ci/packages chromium fontconfig fonts-wqy-microhei || \
	  echo "WITHOUT chromium and a Chinese font: the test of the evidence's PDF will be SKIPPED" >&2

.PHONY: test-c
test-c:  ## the C client in all its builds: own tests, valgrind, sanitizers, OpenSSL (compiler installed if absent)
	@{ command -v cc && command -v c++ && command -v valgrind && command -v pkg-config && \
	   test -e /usr/include/openssl/evp.h; } >/dev/null || \
	  .ci/packages gcc g++ libc6-dev make valgrind pkg-config libssl-dev || true
	@clients/c/verify

.PHONY: fuzz-c
fuzz-c:  ## the C client's reader under a fuzzer: libFuzzer where clang is there, else many seeded mutations
	@$(MAKE) -C clients/c fuzz

.PHONY: test-java
test-java:  ## the Java client: build, its own tests, javadoc (a JDK and Maven are installed if absent)
	@{ command -v mvn && command -v javac; } >/dev/null || \
	  .ci/packages openjdk-17-jdk-headless maven || true
	@clients/java/verify

.PHONY: sim
sim: .venv/ready  ## two whole servers simulated from one seed, told line by line: make sim SEED=7
	@PYTHONPATH=tests/support $(BIN)/python -m tigertally_sim \
	  $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) $(ARGS)

.PHONY: sim-soak
sim-soak: .venv/ready  ## many seeds, stopping at the first that fails: make sim-soak RUNS=1000
	@PYTHONPATH=tests/support $(BIN)/python -m tigertally_sim --runs $(RUNS) \
	  $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) $(ARGS)

.PHONY: fuzz
fuzz: .venv/ready  ## every parser under a fuzzer (atheris where it installs): make fuzz ARGS="--minutes 60"
	@test -d build/atheris || \
	  $(BIN)/python -m pip install --quiet --target build/atheris atheris 2>/dev/null || true
	@PYTHONPATH=tests/support:build/atheris $(BIN)/python -m tigertally_fuzz $(ARGS)

.PHONY: fuzz-properties
fuzz-properties: .venv/ready  ## the property tests with very many examples
	@$(BIN)/pytest -q -m hypothesis --hypothesis-profile=fuzz --timeout=3600 $(ARGS)

.PHONY: bench
bench: .venv/ready  ## figures for docs/PERFORMANCE.md: codec, MAC, batch, whole server
	@$(BIN)/python tests/bench/run.py $(ARGS)

.PHONY: bench-peers
bench-peers: .venv/ready  ## beside other products: FreeRADIUS, privacyIDEA and ours in turn (ten minutes)
	@PYTHONPATH=tests/bench:tests/support $(BIN)/python -m peers $(ARGS)

.PHONY: soak
soak: .venv/ready  ## half an hour of load with deaths of workers and database: does anything drift?
	@$(BIN)/python tests/bench/soak.py $(ARGS)

.PHONY: bench-keys
bench-keys: .venv/ready  ## how fast rows are sealed anew after a rotation
	@PYTHONPATH=tests/support $(BIN)/python tests/bench/rewrap.py $(ARGS)

.PHONY: bench-hsm
bench-hsm: .venv/ready  ## codes per second with seeds in memory and in an HSM (SoftHSM)
	@$(BIN)/python tests/bench/hsm.py $(ARGS)

.PHONY: bench-clients
bench-clients: .venv/ready  ## what a call costs in C, Java and Python: figures for docs/CLIENTS.md
	@$(BIN)/python tests/bench/agents.py $(ARGS)

## Make

.PHONY: generate
generate: .venv/ready  ## write the generated parts of docs/PROTOCOL.md and the golden frames
	@$(BIN)/python docs/generate.py

.PHONY: check-generated
check-generated: .venv/ready  ## fail when a generated part is out of date
	@$(BIN)/python docs/generate.py --check

.PHONY: lock
lock: .venv/ready  ## pin the newest versions that pyproject.toml allows (needs uv)
	@uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev \
	  --generate-hashes --no-header --no-annotate pyproject.toml --output-file requirements.lock

.PHONY: dist
dist: .venv/ready  ## build the source archive, and the wheel from it, into dist/
	@rm -rf dist build && mkdir build
	@$(BIN)/python -m hatchling build --target sdist >/dev/null
	@tar --extract --gzip --file dist/*.tar.gz --directory build --strip-components 1
	@cd build && ../$(BIN)/python -m hatchling build --target wheel --directory ../dist >/dev/null
	@rm -rf build && ls dist

.PHONY: clean
clean:  ## remove what can be made again; data under var/ stay
	@rm -rf clients/java/target dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .venv
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
	  /^## / { printf "\n%s\n", substr($$0, 4) } \
	  /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.venv/ready: requirements.lock pyproject.toml .ci/venv
	@.ci/venv
