#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# quick.sh runs what tells most in a minute: the checks without builds for other
# systems, the short tests that need no engine, and one test for each verb on an engine.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

cd "$root"
failed=0
QUICK=1 "$tools/check.sh" || failed=1

# Without an engine: what needs one is skipped. go vet has run.
env -u DOCKER_CONTEXT DOCKER_HOST=unix:///nonexistent/docker.sock SEATRIAL_TEST_DOCKERD=none SEATRIAL_TEST_DOCKERD_OLD=none \
	DOCKER_CONFIG="$config" go test -short -vet=off -timeout 5m ./... 2>&1 | grep -v 'no test files' || failed=1

# Build, Run, RunToEnd, Exec, Docker, Up, Update, Shared; CreateSecret, Serve, Deploy.
verbs='^(TestBuildArgsTargetAndDockerfileElsewhere|TestRun|TestRunToEnd|TestExec|TestDocker|TestUpTwoCopies|TestUpdateRenumbersPorts)$'
stacks=
if [[ -e $bin/dockerd ]]; then # on engines of their own, which start meanwhile
	"$tools/go-test.sh" . -vet=off -count=1 -timeout 5m -run '^TestServices$/^(scenario|publish)$' ./swarmtest &
	stacks=$!
fi
"$tools/go-test.sh" . -vet=off -count=1 -timeout 5m -run "$verbs" . || failed=1
[[ -z $stacks ]] || wait "$stacks" || failed=1
exit $failed
