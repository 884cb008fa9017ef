# SPDX-License-Identifier: Apache-2.0
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help setup engine-env check test elsewhere bench torture demo clean-engine clean

help:
	@echo 'make demo          see a shipped Compose file run twice at once, unmodified'
	@echo 'make test          all tests, on a real engine'
	@echo 'make elsewhere     the tests of projects on all engines, with the oldest and the pinned Compose'
	@echo 'make bench         how long things take, beside the peers'
	@echo 'make torture       300 killed tests, 300 leftovers'
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

test:
	@tools/setup.sh
	@tools/test.sh

elsewhere:
	@tools/setup.sh
	@tools/build.sh docker-compose-old
	@SEATRIAL_TEST_ELSEWHERE=all tools/go-test.sh . -count=1 -v -timeout 120m -run '^TestProjectsElsewhere$$' .

torture:
	@tools/setup.sh
	@SEATRIAL_KILLS=200 SEATRIAL_LEFTOVERS=300 tools/go-test.sh . -count=1 -v -timeout 60m \
		-run '^(TestKill|TestOtherDeaths|TestGoTestDies|TestEngineTrouble|TestManyLeftovers)$$' .
	@SEATRIAL_KILLS=50 tools/go-test.sh . -count=1 -v -timeout 60m -run '^TestKillAnytime$$' ./swarmtest

bench:
	@tools/setup.sh
	@tools/go-test.sh bench -run '^$$' -bench . -benchtime 20x .
	@tools/go-test.sh . -run '^$$' -bench . -benchtime 20x .

demo:
	@tools/setup.sh
	@tools/demo.sh

clean-engine:
	@tools/engine.sh clean

clean: clean-engine
	@rm -rf .tools artifacts
