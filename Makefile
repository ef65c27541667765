# Every task of the project. All of them start from a fresh clone on Debian 12 that has a Swift 6.3 toolchain, and root or sudo.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= /usr/bin/python3
BUILD_PACKAGES := libzstd-dev libsnappy-dev libyaml-dev libsystemd-dev libexpat1-dev zlib1g-dev pkg-config tzdata
TEST_PACKAGES := python3 python3-venv strace util-linux git rsync systemd dpkg-dev binutils lintian mmdebstrap systemd-container chromium \
    munge slurmctld slurmd slurm-client
APT := $(if $(filter 0,$(shell id -u)),,sudo) env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq

# One build configuration for the product and its tests: no test needs @testable, so nothing is compiled twice.
BUILD_FLAGS := -c release
TEST_FLAGS := $(BUILD_FLAGS) --skip-build --disable-testable-imports --disable-xctest
FLEETSYNTH ?= $(CURDIR)/.build/release/fleetsynth
export FLEETSYNTH

REQUIREMENTS := Tests/Interop/requirements.txt
# Content, not time, decides whether the environment is current. The stamp is written last, so an interrupted install starts over.
VENV_STAMP := .venv/installed-$(shell sha256sum $(REQUIREMENTS) | cut -c1-16)
PYTEST := .venv/bin/python -m pytest -rs --tb=short --durations=5
RESULTS := .build/test-results

# $(call install,PACKAGES): installs those that are missing; touches the network only then.
define install
	@missing=(); \
	for package in $(1); do \
	    dpkg-query -W -f '$${db:Status-Status}\n' "$$package" 2>/dev/null | grep -x installed >/dev/null \
	        || missing+=("$$package"); \
	done; \
	if (( $${#missing[@]} )); then \
	    echo "installing $${missing[*]}"; \
	    $(APT) update; \
	    $(APT) -y install --no-install-recommends "$${missing[@]}"; \
	fi
endef

LINT := swift format lint --strict --parallel --recursive --configuration .swift-format Package.swift Sources Tests
# Swift Testing prints several lines for every argument of every test: all of it goes to a log, what failed and the count to the terminal.
SWIFT_TEST = swift test $(TEST_FLAGS) --xunit-output $(RESULTS)/swift.xml >$(RESULTS)/swift.log 2>&1; code=$$?; \
	grep -E '^✘|^✔ Test run|error:' $(RESULTS)/swift.log; (exit $$code)

# $(call part,NAME,COMMAND): runs one part of the tests and notes its exit status; the summary decides, so that every part runs.
define part
	@echo; echo "=== $(1)"; \
	if $(2); then echo 0 >$(RESULTS)/$(1).status; else echo $$? >$(RESULTS)/$(1).status; fi
endef

# What `make test` has of these leaves out cells that differ in nothing that matters; docs/S3.md says which.
S3_MATRIX := Tests/System/test_s3_faults.py Tests/System/test_s3_kill.py

# Debian's Prometheus, for promtool and for a server that scrapes on the loopback interface. It is unpacked and not installed: its package enables and
# starts a server of the machine's own.
PROMETHEUS := .build/prometheus

.PHONY: help deps test-deps venv prometheus build build-tests run test test-s3-matrix bench bench-rich bench-fidelity bench-service bench-s3 gate randomness deb lint clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that a build needs and that are missing
	$(call install,$(BUILD_PACKAGES))

test-deps: deps ## The same for the tests
	$(call install,$(TEST_PACKAGES))

venv: $(VENV_STAMP) ## The Python environment of the tests and benchmarks, in .venv

$(VENV_STAMP): | test-deps
	rm -rf .venv
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r $(REQUIREMENTS)
	touch $@

prometheus: $(PROMETHEUS)/usr/bin/promtool ## Debian's Prometheus, unpacked into .build for the tests

$(PROMETHEUS)/usr/bin/promtool:
	rm -rf $(PROMETHEUS) && mkdir -p $(PROMETHEUS)
	$(APT) update
	cd $(PROMETHEUS) && apt-get -qq -o APT::Sandbox::User=root download prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb

build: deps ## Build the release binary, .build/release/fleetsynth
	swift build $(BUILD_FLAGS)

build-tests: test-deps
	swift build $(BUILD_FLAGS) --build-tests

deb: build ## Build the Debian package into .build/deb and check it with lintian
	$(call install,dpkg-dev binutils lintian)
	packaging/build-deb.sh .build/deb
	lintian --fail-on error .build/deb/*.deb

run: build ## Build, then generate the default dataset into var/data
	@$(FLEETSYNTH) generate --config config/config.yaml --env local

test: build build-tests venv prometheus ## Run every check; all parts run, then a summary
	@rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	$(call part,format,$(LINT))
	$(call part,swift,$(SWIFT_TEST))
	$(call part,interop,$(PYTEST) --junitxml=$(RESULTS)/interop.xml Tests/Interop)
	$(call part,system,$(PYTEST) --junitxml=$(RESULTS)/system.xml Tests/System)
	@.venv/bin/python Tests/System/summary.py $(RESULTS) format swift interop system

test-s3-matrix: build venv ## Publication to S3 with every fault at every request and some 1,200 kills (FLEETSYNTH_S3_KILLS for another number)
	FLEETSYNTH_S3_MATRIX=full FLEETSYNTH_S3_KILLS=$${FLEETSYNTH_S3_KILLS:-500} $(PYTEST) $(S3_MATRIX)

bench: build venv ## Measure beside NumPy, Polars, DuckDB and pandas (BENCH_FLAGS="--servers 2000" for less)
	.venv/bin/python Benchmarks/run.py $(BENCH_FLAGS)

bench-rich: build venv ## Measure what each part of the signal costs beside the plain panel (BENCH_FLAGS="--servers 200" for less)
	.venv/bin/python Benchmarks/rich.py $(BENCH_FLAGS)

bench-fidelity: build venv ## Measure which part of a run the quality gate takes (BENCH_FLAGS="--only archetypes" for less)
	$(call install,linux-perf)
	.venv/bin/python Benchmarks/fidelity.py $(BENCH_FLAGS)

bench-service: build venv ## Measure the service, into Benchmarks/RESULTS.md (BENCH_FLAGS="--configs 100" for less)
	.venv/bin/python Benchmarks/service.py --keep Benchmarks/RESULTS.md $(BENCH_FLAGS)

gate: build venv ## Count instructions per cell and bytes per row and compare with Benchmarks/thresholds.json
	$(call install,valgrind binutils)
	.venv/bin/python Benchmarks/gate.py

randomness: ## Dieharder on the raw stream of words (some minutes)
	$(call install,dieharder)
	Benchmarks/randomness.sh

bench-s3: build venv ## Measure publication to a local S3 gateway beside boto3 and PyArrow (BENCH_S3_FLAGS="--servers 2000" for less)
	.venv/bin/python Benchmarks/s3.py $(BENCH_S3_FLAGS)

lint: ## Check the format of the Swift sources
	$(LINT)

clean: ## Remove what is built and installed here; generated data in var/ stays
	rm -rf .build .venv .swiftpm
