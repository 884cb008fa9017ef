#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check.sh runs all checks that need no engine. All are run; any may fail it. With
# QUICK=1 it leaves out builds for other systems.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

cd "$root"
export GOWORK=off
failed=0

# check WHAT CMD... runs one check and says how it went. 77 means that it could
# not be run here.
check() {
	local what=$1 start=$SECONDS code=0
	shift
	"$@" || code=$?
	case $code in
	0) say "ok  	$what	$((SECONDS - start))s" ;;
	77) say "skip	$what" ;;
	*) say "FAIL	$what" && failed=1 ;;
	esac
}

# tracked PATTERN... prints the checkout's files, new ones too, but no test data.
tracked() {
	local file
	git ls-files -co --exclude-standard -- "$@" | while read -r file; do
		[[ $file == *testdata/* || ! -e $file ]] || echo "$file"
	done
}

formatted() {
	local bad
	bad=$(tracked '*.go' | xargs -r gofmt -l)
	[[ -z $bad ]] || { echo "gofmt -w would change:" "$bad"; return 1; }
}

# in_modules CMD... runs CMD in every module that has packages.
in_modules() {
	local file dir
	for file in $(tracked go.mod '*/go.mod'); do
		dir=$(dirname "$file")
		[[ -n $(find "$dir" -name '*.go' -print -quit) ]] || continue
		(cd "$dir" && "$@") || { echo "in $dir: $*"; return 1; }
	done
}

tidy() {
	local file
	for file in $(tracked go.mod '*/go.mod'); do
		# Its downloads are no news, its difference is.
		(cd "$(dirname "$file")" && go mod tidy -diff 2> >(grep -v '^go: \(downloading\|finding\|found\)' >&2)) ||
			{ echo "in $(dirname "$file"): go mod tidy would change go.mod or go.sum"; return 1; }
	done
}

vulnerabilities() {
	curl -sfm 10 -o /dev/null https://vuln.go.dev/index/db.json.gz 2>/dev/null ||
		{ say "asking vuln.go.dev: the database of vulnerabilities cannot be reached"; return 77; }
	in_modules "$bin/govulncheck" ./...
}

# What is linked may be passed on with ours.
licences() { (cd tools/release && go test ./... >/dev/null && go run . -licences); }

scripts() {
	command -v shellcheck >/dev/null || { say "looking for shellcheck: not installed"; return 77; }
	# Not said: files that are made later, functions that are called by name.
	shellcheck --external-sources --source-path=SCRIPTDIR --exclude=SC1091,SC2317 tools/*.sh tools/images/*/*.sh .ci/run
}

"$tools/build.sh" staticcheck govulncheck
check 'gofmt' formatted
# Where a module is one command, go build would leave it there.
check 'go build' in_modules go build -o /dev/null ./...
((failed == 0)) || exit 1 # what does not build makes noise in all that follows
check 'go vet' in_modules go vet ./...
systems=(linux darwin windows)
[[ -z ${QUICK-} ]] || systems=()
for os in "${systems[@]}"; do
	[[ $os != "$(go env GOHOSTOS)" ]] || continue
	check "go build, $os" in_modules env GOOS=$os go build -o /dev/null ./...
	check "go vet, $os" in_modules env GOOS=$os go vet ./...
done
check 'go mod tidy' tidy
check 'staticcheck' in_modules "$bin/staticcheck" ./...
check 'govulncheck' vulnerabilities
check 'licences' licences
check 'shellcheck' scripts
exit $failed
