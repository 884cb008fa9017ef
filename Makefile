# SPDX-License-Identifier: Apache-2.0
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help setup engine-env check quick test matrix elsewhere torture bench bench-stacks release demo clean-engine clean

help:
	@echo 'make demo          see a shipped Compose file run twice at once, unmodified, and a test that fails'
	@echo 'make quick         the least to know before a commit: no engine for most of it, a minute'
	@echo 'make test          all tests, on a real engine; PKG=./wait RUN=TestLog for a part'
	@echo 'make torture       what make test samples, whole: 200 killed tests, 300 leftovers'
	@echo 'make matrix        the table of docs/engines.md on all kinds of engines'
	@echo 'make elsewhere     the tests of projects on all engines, with the oldest and the pinned Compose'
	@echo 'make bench         how long things take, beside the peers: docs/performance.md; ROW=NAME for a part'
	@echo 'make bench-stacks  how long it takes until a stack that cannot converge is reported, beside docker stack deploy'
	@echo 'make release       archives of the command for all systems, with licences and checksums, in dist/'
	@echo 'make check         format, vet, staticcheck, tidy, builds for linux, darwin, windows'
	@echo 'make setup         bring a Docker that is good enough; the others call it'
	@echo 'make -s engine-env print the environment of the engine that the tests use'
	@echo 'make clean-engine  stop the private engine and remove its data'
	@echo 'make clean         remove all that was built, too'

setup:
	@tools/setup.sh --tell

engine-env:
	@tools/setup.sh
	@cat .tools/env

check:
	@tools/check.sh

quick:
	@tools/setup.sh
	@tools/quick.sh

# What a release runs beside make test, and whoever changes what they are about.
test:
	@tools/setup.sh
	@tools/test.sh

matrix:
	@tools/setup.sh
	@SEATRIAL_MATRIX=all PKG=./internal/conformance tools/test.sh

elsewhere:
	@tools/setup.sh
	@tools/build.sh docker-compose-old
	@SEATRIAL_TEST_ELSEWHERE=all tools/go-test.sh . -count=1 -v -timeout 120m -run '^TestUpElsewhere$$' .

torture:
	@tools/setup.sh
	@SEATRIAL_KILLS=all SEATRIAL_LEFTOVERS=all SEATRIAL_PACKAGES=all tools/go-test.sh . -count=1 -v -timeout 90m ./internal/leftovers
	@SEATRIAL_FAILURES=all SEATRIAL_UP_KILLS=all SEATRIAL_RUN_KILLS=all SEATRIAL_VERSIONS=all tools/go-test.sh . -count=1 -v -timeout 30m -run '^(TestPractice|TestUpKilled|TestRunKilled|TestStackScripts|TestNeighbours)$$' ./internal/firstline ./cmd/seatrial
	@SEATRIAL_KILLS=50 SEATRIAL_STACKS=all tools/go-test.sh . -count=1 -v -timeout 60m -run '^(TestKillAnytime|TestServices)$$' ./swarmtest
	@ORDERS_COPIES=8 tools/go-test.sh examples/orders/e2e -count=1 -v -timeout 30m -run '^TestManyCopies$$' .
	@SEATRIAL_CONTROLS=all SEATRIAL_CONTAINERS=all SEATRIAL_BUILDERS=all SEATRIAL_CUTOFFS=all SEATRIAL_RESTARTS=all tools/go-test.sh . -count=1 -v -timeout 60m \
		-run '^(TestUpCopiesStayApart|TestRunMany|TestBuildOnce|TestUpCutOffLeavesNothing|TestRunCutOffLeavesNothing|TestEndWhileAVerbIsAtWork|TestLogsAfterManyRestarts)$$' .

release:
	@cd tools/release && go run .

# ROW=NAME for a part, FRESH=1 for all again; what is measured is kept in .tools/bench.
bench:
	@tools/setup.sh
	@mkdir -p .tools/bench
	@cd bench && go build -buildvcs=false -o ../.tools/bench/bench .
	@cd bench && exec ../tools/with-engine.sh ../.tools/bench/bench -row '$(ROW)' -fresh='$(if $(FRESH),true,false)' -runs '$(or $(RUNS),10)'

# Stacks that cannot converge, on an engine of their own, beside docker stack deploy.
bench-stacks:
	@tools/setup.sh
	@tools/go-test.sh bench -run '^$$' -bench . -benchtime 10x .

demo:
	@tools/setup.sh
	@tools/demo.sh

clean-engine:
	@tools/engine.sh clean

clean: clean-engine
	@rm -rf .tools artifacts dist
