// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"maps"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// syntaxArg is the build argument that names another frontend than the Dockerfile.
const syntaxArg = "BUILDKIT_SYNTAX"

// A Frontend is the image that BuildKit has read a Dockerfile.
type Frontend struct {
	Ref  string
	Line int // 0 if a build argument names it
}

// FrontendOf returns the frontend that a Dockerfile, or an argument of its build, asks
// for. BuildKit has one of its own for those that ask for none.
func FrontendOf(content []byte, args map[string]string) (f Frontend, ok bool) {
	if words := strings.Fields(args[syntaxArg]); len(words) > 0 {
		return Frontend{Ref: words[0]}, true
	}
	ref, _, at, ok := parser.DetectSyntax(content)
	if ok && len(at) > 0 {
		f.Line = max(at[0].Start.Line, 1)
	}
	f.Ref = ref
	return f, ok && ref != ""
}

// IsDocker tells whether it is Docker's own, of Docker's registry or a copy in another
// one, which reads what this package reads. What another one makes of a Dockerfile
// only that knows.
func (f Frontend) IsDocker() bool {
	named, err := reference.ParseNormalizedNamed(f.Ref)
	if err != nil {
		return false
	}
	path := "/" + reference.Path(named)
	return strings.HasSuffix(path, "/docker/dockerfile") || strings.HasSuffix(path, "/docker/dockerfile-upstream")
}

// IsAll tells whether images have another frontend in the place of this one, if
// anything.
func (f Frontend) IsAll(images map[string]string) bool {
	for key := range images {
		if FullForm(key) != FullForm(f.Ref) {
			return false
		}
	}
	return true
}

// use is the place where a Dockerfile names the frontend.
func (f Frontend) use() use {
	return use{node: &parser.Node{StartLine: f.Line, EndLine: f.Line}, word: f.Ref, kind: inSyntax}
}

// SubstituteArgs returns build arguments with another frontend in the place of the one
// that they name, if images have one. [File.Substitute] does the rest.
func SubstituteArgs(args, images map[string]string) map[string]string {
	f, ok := FrontendOf(nil, args)
	for key, ref := range images {
		if ok && FullForm(key) == FullForm(f.Ref) {
			args = maps.Clone(args)
			args[syntaxArg] = strings.Replace(args[syntaxArg], f.Ref, ref, 1)
		}
	}
	return args
}
