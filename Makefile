# Everything a clone needs: make, Python 3.11 or newer, and the network the first time.
#
# The first run makes .venv. Later runs reuse it, bring it up to date when pyproject.toml
# has changed, and make it anew when it was left half made or its Python is gone.
# For another interpreter: make clean && make test PYTHON=python3.13

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

PYTHON ?=
PORT ?= 8000
BENCH ?=
FUZZ ?=
TIMES ?= 20
VERSIONS := 3.11 3.12 3.13
PY := .venv/bin/python
# Two files of tests at a time: most of them wait for servers, clients and checkers.
SIDE_BY_SIDE := -n 2 --dist loadfile
# Those first that take the longest: else one of two is left alone with them.
LONGEST_FIRST := --no-loadscope-reorder
WITH_SERVERS := $(addprefix tests/,model soak fuzz outcomes servers matrix live faults)
OTHER_TESTS := $(filter-out $(WITH_SERVERS),\
	$(patsubst %/,%,$(wildcard tests/*/)) $(wildcard tests/test_*.py))
STUBTEST := $(PY) -m mypy.stubtest --mypy-config-file mypy.ini
STUBBED := $(patsubst stubs/%/,%,$(wildcard stubs/*/))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# Prints where an interpreter really is, if it runs, can make environments, and is of the
# version asked for ("" for any from 3.11 on). To exist is not enough: a version manager's
# shim may be there and only complain.
PROBE := import ensurepip, sys, venv; \
	is_right = sys.version_info >= (3, 11) and sys.argv[1] in ("", "%d.%d" % sys.version_info[:2]); \
	print(sys.executable) if is_right else sys.exit(1)

# probe CANDIDATE VERSION; find_version VERSION; find_any; make_venv FOLDER INTERPRETER
FUNCTIONS := \
	probe() { \
		path=$$("$$1" -c '$(PROBE)' "$$2" 2>/dev/null </dev/null) && echo "$$path"; \
	}; \
	find_version() { \
		for candidate in "python$$1" "$${PYENV_ROOT:-$${HOME:-}/.pyenv}/versions/$$1".*/bin/python; do \
			probe "$$candidate" "$$1" && return; \
		done; \
		return 1; \
	}; \
	find_any() { \
		probe python3 "" || find_version 3.13 || find_version 3.12 || find_version 3.11; \
	}; \
	make_venv() { \
		test -e "$$1/.made" && return; \
		printf '\n== %s: a new environment of %s\n' "$$1" "$$2"; \
		rm -rf "$$1" && "$$2" -m venv "$$1" \
			&& "$$1/bin/python" -m pip install --quiet --upgrade 'pip>=25.1' \
			&& touch "$$1/.made"; \
	};

# An environment that is half made, or whose Python does not run, loses its stamps.
$(shell for venv in .venv .venv-*; do \
	test -e $$venv/.made && $$venv/bin/python -c '' 2>/dev/null \
		|| rm -f $$venv/.made $$venv/.demo $$venv/.dev $$venv/.docs $$venv/.test $$venv/.bench $$venv/.fuzz; done)


.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile \
		| while IFS='|' read -r name text; do printf 'make %-9s %s\n' "$$name" "$$text"; done

.PHONY: demo
demo: .venv/.demo ## serve a typed chat at http://127.0.0.1:8000 (or PORT=8001)
	@$(PY) -m typedws.demo --port $(PORT)

.PHONY: test
test: lint types coverage ## run every check: lint, types, and the tests with coverage

.PHONY: test-all
test-all: interpreters test test-rest ## the same, then the slow tests and every other Python found here

.PHONY: lint
lint: .venv/.dev ## ruff: the format and the rules
	@printf '\n== ruff format --check\n'
	@$(PY) -m ruff format --check .
	@printf '\n== ruff check\n'
	@$(PY) -m ruff check .

# --verifytypes reads no configuration: it looks into the environment of the python on PATH.
.PHONY: types
types: .venv/.dev ## the four type checkers, and how complete and true the types are
	@printf '\n== mypy\n'
	@$(PY) -m mypy
	@printf '\n== pyright\n'
	@$(PY) -m pyright
	@printf '\n== pyrefly\n'
	@$(PY) -m pyrefly check
	@printf '\n== ty\n'
	@$(PY) -m ty check
	@printf '\n== pyright --verifytypes typedws --ignoreexternal\n'
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m pyright --verifytypes typedws --ignoreexternal
	@printf '\n== stubtest typedws\n'
	@$(STUBTEST) --allowlist tests/typing/stubtest_allowlist.txt typedws
	@printf '\n== stubtest $(STUBBED)\n'
	@$(STUBTEST) --ignore-missing-stub $(STUBBED)

.PHONY: coverage
coverage: .venv/.dev
	@printf '\n== pytest, measured by coverage\n'
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest $(SIDE_BY_SIDE)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

# BENCH is what to measure and how: make bench BENCH='echo handshake --quick'
.PHONY: bench
bench: .venv/.dev ## measure typedws beside its peers (all groups: half an hour)
	@$(PY) -m tests.benchmarks $(BENCH)

bench-on-%: .venv-%/.bench
	@.venv-$*/bin/python -m tests.benchmarks $(BENCH)

.PHONY: docs
docs: .venv/.docs ## make the documentation site: build/docs/index.html
	@printf '\n== sphinx\n'
	@$(PY) -m sphinx --fail-on-warning --keep-going --quiet docs build/docs
	@echo 'The site is at build/docs/index.html.'

# FUZZ is what to fuzz, and for how long: make fuzz FUZZ='json --seconds 600'
.PHONY: fuzz
fuzz: .venv/.fuzz ## fuzz each entry point by coverage, a minute each (needs atheris)
	@$(PY) -m tests.fuzz $(FUZZ)

.PHONY: interpreters
interpreters: .venv/.dev
	@printf '\n== interpreters\n'
	@$(FUNCTIONS) for version in $(VERSIONS); do \
		if path=$$(probe $(PY) $$version) || path=$$(find_version $$version); \
		then echo "Python $$version: $$path"; \
		else echo "Python $$version: not found here, so the tests do NOT run on it"; fi; \
	done

.PHONY: test-rest
test-rest: test-slow test-others

# pytest's status 5 means that it selected no test.
.PHONY: test-slow
test-slow: .venv/.dev
	@printf '\n== pytest, the slow tests\n'
	@$(PY) -m pytest -m slow $(SIDE_BY_SIDE) $(LONGEST_FIRST) \
		$(WITH_SERVERS) $(OTHER_TESTS) || test $$? -eq 5

# What is not steady shows here. TIMES is how often.
.PHONY: steady
steady: .venv/.dev ## run all tests with servers, faults and the model 20 times (two hours)
	@for turn in $$(seq $(TIMES)); do \
		printf '\n== pytest, turn %s of %s\n' $$turn $(TIMES); \
		$(PY) -m pytest -m 'slow or not slow' $(SIDE_BY_SIDE) $(LONGEST_FIRST) \
			$(WITH_SERVERS) || exit 1; \
	done

.PHONY: test-others
test-others: .venv/.dev
	@$(FUNCTIONS) for version in $(VERSIONS); do \
		if ! probe $(PY) $$version >/dev/null && find_version $$version >/dev/null; \
		then $(MAKE) --no-print-directory test-on-$$version || exit 1; fi; \
	done

# Real servers take the longest, and differ less by the Python than by themselves.
test-on-%: .venv-%/.test
	@printf '\n== pytest on Python %s\n' $*
	@.venv-$*/bin/python -m pytest -m 'not slow and not live' $(SIDE_BY_SIDE)

.PHONY: clean
clean: ## remove all that make made
	rm -rf .venv .venv-* build dist htmlcov .coverage .coverage.*
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# The stamps. Each is touched last, so that a run cut short leaves none.

.venv/.made:
	@$(FUNCTIONS) python='$(PYTHON)'; \
	if test -n "$$python"; then \
		python=$$(probe "$$python" "") || { \
			echo 'PYTHON=$(PYTHON): does not run, is older than 3.11, or lacks venv or ensurepip' >&2; \
			exit 1; }; \
	else \
		python=$$(find_any) || { \
			echo 'No Python 3.11 or newer with venv and ensurepip was found.' >&2; \
			echo 'Install one, or name one: make test PYTHON=/path/to/python3' >&2; \
			exit 1; }; \
	fi; \
	make_venv .venv "$$python"

.venv/.demo: pyproject.toml | .venv/.made
	@printf '\n== .venv: installing typedws and what its demo needs\n'
	@$(PY) -m pip install --quiet --editable '.[demo]'
	@touch $@

.venv/.docs: pyproject.toml | .venv/.made
	@printf '\n== .venv: installing typedws and what its site needs\n'
	@$(PY) -m pip install --quiet --editable '.[pydantic]' --group docs
	@touch $@

.venv/.dev: pyproject.toml | .venv/.made
	@printf '\n== .venv: installing typedws and every tool (minutes, the first time)\n'
	@$(PY) -m pip install --quiet --editable '.[demo,trio]' --group dev
	@touch .venv/.demo .venv/.docs $@

.venv/.fuzz: .venv/.dev
	@printf '\n== .venv: installing the fuzzer\n'
	@$(PY) -m pip install --quiet --group fuzz
	@touch $@

.PRECIOUS: .venv-%/.test .venv-%/.bench
.venv-%/.test: pyproject.toml
	@$(FUNCTIONS) python=$$(find_version $*) || { echo 'Python $*: not found here' >&2; exit 1; }; \
	make_venv .venv-$* "$$python"
	@printf '\n== .venv-%s: installing typedws and what its tests need\n' $*
	@.venv-$*/bin/python -m pip install --quiet --editable . --group test --group frameworks
	@touch $@

.venv-%/.bench: .venv-%/.test
	@printf '\n== .venv-%s: installing what the benchmarks need\n' $*
	@.venv-$*/bin/python -m pip install --quiet --group test --group bench --group types
	@touch $@
