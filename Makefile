# All commands: `make play` and `make test` do the set-up by themselves, `make` lists the rest.
SHELL := /bin/bash
BIN := .venv/bin
READY_TO_PLAY := .venv/.ready-to-play
READY_TO_TEST := .venv/.ready-to-test
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-input -c constraints.txt

ifeq ($(shell uname),Darwin) # where the wheels bring PortAudio along
PLAY_PACKAGES :=
TEST_PACKAGES := jack # and Chrome or Chromium, if the console's tests shall run
else
PLAY_PACKAGES := libportaudio2
TEST_PACKAGES := libportaudio2 jackd2 gcc libc6-dev zam-plugins chromium
endif

.NOTPARALLEL:
.PHONY: help play test check format bench soak tree clean play-packages test-packages
export PYTHON PRESET CLIP

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

play: play-packages $(READY_TO_PLAY) ## sing, and hear a violin (PRESET=violin, ARGS="--midi virtual")
	@scripts/play.sh $(ARGS)

test: test-packages $(READY_TO_TEST) check ## all checks and tests (ARGS="-k pitch" for some)
	$(BIN)/python -m pytest $(ARGS)

# ruff's cache does not notice that a module which a file imports has come or gone.
check: $(READY_TO_TEST) ## lint, format, types, who may import whom
	$(BIN)/ruff check --no-cache
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY_TO_TEST) ## put the code into the house's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY_TO_PLAY) ## measure the engine on this machine
	$(BIN)/chanterelle bench $(ARGS)

soak: test-packages $(READY_TO_TEST) ## ten minutes on a JACK server, with recording
	$(BIN)/python benchmarks/soak.py $(ARGS)

tree: $(READY_TO_PLAY) ## write the README's file tree anew
	$(BIN)/python scripts/file_tree.py --write

clean: ## remove what make has made; recordings stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Without PortAudio the virtual card still plays.
play-packages:
	@scripts/install-system-packages.sh $(PLAY_PACKAGES) || echo "going on without a sound card"

test-packages:
	@scripts/install-system-packages.sh $(TEST_PACKAGES)

$(READY_TO_PLAY): pyproject.toml constraints.txt
	@scripts/make-venv.sh
	$(INSTALL) -e '.[console]'
	@touch $@

$(READY_TO_TEST): pyproject.toml constraints.txt
	@scripts/make-venv.sh
	$(INSTALL) -e '.[dev]'
	@touch $(READY_TO_PLAY) $@
