// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"maps"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// syntaxArg is the build argument that overrides the frontend of the Dockerfile.
const syntaxArg = "BUILDKIT_SYNTAX"

// A Frontend is the image with which BuildKit reads a Dockerfile.
type Frontend struct {
	Ref  string
	Line int // 0 if a build argument names it
}

// FrontendOf returns the frontend that a Dockerfile or a build argument names. Without
// one, BuildKit uses its built-in frontend.
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

// IsDocker reports whether the frontend is Docker's own, from Docker's registry or a
// copy in another one. It accepts what this package accepts; other frontends may read
// a Dockerfile in any way.
func (f Frontend) IsDocker() bool {
	named, err := reference.ParseNormalizedNamed(f.Ref)
	if err != nil {
		return false
	}
	path := "/" + reference.Path(named)
	return strings.HasSuffix(path, "/docker/dockerfile") || strings.HasSuffix(path, "/docker/dockerfile-upstream")
}

// IsAll reports whether images replaces nothing but this frontend.
func (f Frontend) IsAll(images map[string]string) bool {
	for key := range images {
		if FullForm(key) != FullForm(f.Ref) {
			return false
		}
	}
	return true
}

// use returns the place where a Dockerfile names the frontend.
func (f Frontend) use() use {
	return use{node: &parser.Node{StartLine: f.Line, EndLine: f.Line}, word: f.Ref, kind: inSyntax}
}

// SubstituteArgs returns build arguments with their frontend replaced, if images
// replaces it. [File.Substitute] does the rest.
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
