// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// A File is a Dockerfile that was read.
type File struct {
	content []byte
	lex     *shell.Lex
	escape  byte
	stages  []string // their names, in lower case; empty for one without
	uses    []use
	args    []arg
	sources []Source
}

// Settings are what a build gives a Dockerfile, apart from files.
type Settings struct {
	Args     map[string]string
	Target   string
	Platform string // the target platform: linux/amd64
	Builder  string // the platform of the builder
	// Contexts are the names of additional contexts, each of which replaces an
	// image or a stage of that name.
	Contexts []string
}

// A Base is an image that a Dockerfile builds on, copies from or mounts from, or
// its frontend.
type Base struct {
	Line int    // 0 if a build argument names it
	Ref  string // as written, after build arguments were filled in
}

// A Source is a source path of a COPY or ADD, as it is written.
type Source struct {
	Line int
	Path string
}

// use is a place in the file that may name an image.
type use struct {
	node  *parser.Node
	word  string // as written
	stage int    // index of its stage
	kind  useKind
}

// useKind says which instruction names an image.
type useKind int

const (
	inFrom useKind = iota
	inCopy
	inRun
	inOnbuild // run by builds on top of the stage
	inSyntax  // the frontend
)

// arg is an ARG before the first FROM, or one of a stage.
type arg struct {
	key    string
	value  *string
	global bool
	stage  int // -1 before the first one
}

// Parse reads a Dockerfile. The error names the line. Syntax reports whether the
// file names a frontend, which may accept more than this parser.
func Parse(content []byte) (f *File, syntax bool, err error) {
	_, _, _, syntax = parser.DetectSyntax(content)
	result, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return nil, syntax, located(err)
	}
	f = &File{content: content, lex: shell.NewLex(result.EscapeToken), escape: byte(result.EscapeToken)}
	for _, node := range result.AST.Children {
		instruction, err := instructions.ParseInstruction(node)
		if err != nil {
			return nil, syntax, at(node.StartLine, err)
		}
		if err := f.add(node, instruction); err != nil {
			return nil, syntax, at(node.StartLine, err)
		}
	}
	if len(f.stages) == 0 {
		return nil, syntax, errors.New("it has no FROM")
	}
	return f, syntax, nil
}

// A LineError is what is wrong with a line.
type LineError struct {
	Line int // from 1 on
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// at adds the line to an error. For an empty file the parser gives 0.
func at(line int, err error) error { return &LineError{max(line, 1), err} }

// located adds the line to the parser's error, which has it only as a field.
func located(err error) error {
	var e *parser.LocationError
	if errors.As(err, &e) && len(e.Locations) > 0 && len(e.Locations[0]) > 0 {
		return at(e.Locations[0][0].Start.Line, err)
	}
	return err
}

func (f *File) add(node *parser.Node, instruction any) error {
	switch x := instruction.(type) {
	case *instructions.Stage:
		f.uses = append(f.uses, use{node, x.BaseName, len(f.stages), inFrom})
		f.stages = append(f.stages, x.Name)
	case *instructions.ArgCommand:
		for _, a := range x.Args {
			f.args = append(f.args, arg{a.Key, a.Value, len(f.stages) == 0, len(f.stages) - 1})
		}
	default:
		if len(f.stages) == 0 {
			return errors.New("no build stage in current context: FROM must come first")
		}
	}
	return f.addSources(node, instruction, false)
}

// addSources adds the source paths of an instruction.
func (f *File) addSources(node *parser.Node, instruction any, onbuild bool) error {
	kind := func(kind useKind) useKind {
		if onbuild {
			return inOnbuild
		}
		return kind
	}
	switch x := instruction.(type) {
	case *instructions.OnbuildCommand: // an instruction for builds on top of the image
		result, err := parser.Parse(strings.NewReader(x.Expression))
		if err != nil || len(result.AST.Children) != 1 {
			return err
		}
		later, err := instructions.ParseInstruction(result.AST.Children[0])
		if _, isAdd := later.(*instructions.AddCommand); err != nil || isAdd {
			return err
		}
		if c, ok := later.(*instructions.CopyCommand); ok && c.From == "" {
			return nil // from the context of those builds
		}
		return f.addSources(node, later, true)
	case *instructions.CopyCommand:
		if x.From != "" {
			f.uses = append(f.uses, use{node, x.From, len(f.stages) - 1, kind(inCopy)})
		} else {
			f.source(node, x.SourcePaths)
		}
	case *instructions.AddCommand:
		f.source(node, x.SourcePaths)
	case *instructions.RunCommand:
		for _, m := range instructions.GetMounts(x) {
			if m.From != "" {
				f.uses = append(f.uses, use{node, m.From, len(f.stages) - 1, kind(inRun)})
			}
		}
	}
	return nil
}

func (f *File) source(node *parser.Node, paths []string) {
	for _, path := range paths {
		f.sources = append(f.sources, Source{node.StartLine, path})
	}
}

// Sources returns the paths that the file copies from its context.
func (f *File) Sources() []Source { return f.sources }

// Stages returns the names of its stages; empty for one without.
func (f *File) Stages() []string { return f.stages }

// HasStage reports whether there is a stage of this name. (A target cannot be a
// number.)
func (f *File) HasStage(name string) bool {
	return slices.Contains(f.stages, strings.ToLower(name))
}

// stage returns the index of the stage that a word names or numbers, or -1.
func (f *File) stage(word string) int {
	if i := lastIndex(f.stages, strings.ToLower(word)); i >= 0 {
		return i
	}
	if i, err := strconv.Atoi(word); err == nil && i >= 0 && i < len(f.stages) {
		return i
	}
	return -1
}

// Arguments that every build accepts without an ARG in the file.
var predefined = []string{"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH"}

// platformNames are the names of the platform arguments, without the prefixes BUILD
// and TARGET.
var platformNames = []string{"PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"}

// Takes reports whether a build argument has an effect on the file.
func (f *File) Takes(key string) bool {
	prefix := strings.HasPrefix(key, "BUILD") || strings.HasPrefix(key, "TARGET")
	platform := prefix && slices.Contains(platformNames, strings.TrimPrefix(strings.TrimPrefix(key, "BUILD"), "TARGET"))
	return platform || slices.Contains(predefined, strings.ToUpper(key)) || strings.HasPrefix(key, "BUILDKIT_") ||
		slices.ContainsFunc(f.args, func(a arg) bool { return a.key == key })
}

// ArgNames returns the names of its ARGs, each once.
func (f *File) ArgNames() []string {
	var names []string
	for _, a := range f.args {
		if !slices.Contains(names, a.key) {
			names = append(names, a.key)
		}
	}
	return names
}

// named is a place where the file names an image, and that image.
type named struct {
	use
	ref   string // after build arguments were filled in
	built bool   // in a stage that the target needs
}

// named returns the places where the file names images, for the settings of a
// build. It alone decides what a Dockerfile builds on.
func (f *File) named(s Settings) ([]named, error) {
	r, err := f.read(s)
	return r.named, err
}

// A reading is a file evaluated with the settings of a build.
type reading struct {
	named    []named
	built    []bool          // by stage
	contexts map[string]bool // the contexts that are used, by contextName
}

func (f *File) read(s Settings) (r reading, err error) {
	env, err := f.env(s)
	if err != nil {
		return r, err
	}
	contexts := map[string]bool{}
	for _, name := range s.Contexts {
		contexts[contextName(name)] = true
	}
	r.contexts = map[string]bool{}
	takers := map[string][]int{} // stages that use a context, by contextName
	needs := f.stageNeeds()
	for _, u := range f.uses {
		if name := f.stages[u.stage]; name != "" && contexts[contextName(name)] {
			takers[contextName(name)] = append(takers[contextName(name)], u.stage)
			continue // a context replaces the stage
		}
		ref, stage, err := f.image(u, env)
		switch {
		case err != nil:
			return r, at(u.node.StartLine, err)
		case stage >= 0:
			needs.add(u, stage)
		case ref == "scratch":
		case contexts[contextName(ref)]:
			takers[contextName(ref)] = append(takers[contextName(ref)], u.stage)
		default:
			r.named = append(r.named, named{use: u, ref: ref})
		}
	}
	r.built = needs.built(f.target(s))
	for i, n := range r.named {
		r.named[i].built = r.built[n.stage]
	}
	for name, stages := range takers {
		r.contexts[name] = slices.ContainsFunc(stages, func(stage int) bool { return r.built[stage] })
	}
	if frontend, ok := FrontendOf(f.content, s.Args); ok {
		r.named = slices.Insert(r.named, 0, named{use: frontend.use(), ref: frontend.Ref, built: true})
	}
	return r, nil
}

// contextName returns the name under which BuildKit looks up a context: app for
// library/app:latest. A context for a single platform is treated as one for all.
// https://github.com/moby/buildkit/blob/master/frontend/dockerui/config.go
func contextName(name string) string {
	name, _, _ = strings.Cut(name, "::")
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return strings.TrimSuffix(reference.FamiliarString(ref), ":latest")
}

// Bases returns the images that the file builds on, each reference once, in the
// order of the file.
func (f *File) Bases(s Settings) ([]Base, error) {
	built, _, err := f.all(s)
	return built, err
}

// Idle returns the images that are named only in stages that the target does not
// need, and that BuildKit therefore does not build.
func (f *File) Idle(s Settings) ([]Base, error) {
	_, idle, err := f.all(s)
	return idle, err
}

func (f *File) all(s Settings) (built, idle []Base, err error) {
	places, err := f.named(s)
	if err != nil {
		return nil, nil, err
	}
	known := func(all []Base, n named) bool {
		return slices.ContainsFunc(all, func(b Base) bool { return b.Ref == n.ref })
	}
	for _, n := range places {
		if n.built && !known(built, n) {
			built = append(built, Base{n.node.StartLine, n.ref})
		}
	}
	for _, n := range places {
		if !n.built && !known(built, n) && !known(idle, n) {
			idle = append(idle, Base{n.node.StartLine, n.ref})
		}
	}
	return built, idle, nil
}

// image returns the image reference at a place, or the index of a stage if that is
// not negative.
func (f *File) image(u use, env shell.EnvGetter) (ref string, stage int, err error) {
	if u.kind != inFrom { // no arguments are substituted here, and any stage of the file may be meant
		return u.word, f.stage(u.word), nil
	}
	ref, _, err = f.lex.ProcessWord(u.word, env)
	if err != nil {
		return "", -1, fmt.Errorf("FROM %s: %w", u.word, err)
	}
	if ref == "" {
		return "", -1, fmt.Errorf("FROM %s names nothing: no build argument or default gives it a value", u.word)
	}
	return ref, lastIndex(f.stages[:u.stage], strings.ToLower(ref)), nil
}

// env returns the arguments that FROM sees: the ARGs before the first FROM, and the
// predefined ones.
func (f *File) env(s Settings) (shell.EnvGetter, error) {
	env := platformArgs(s)
	for i, known := range env { // these need no ARG
		key, _, _ := strings.Cut(known, "=")
		if given, ok := s.Args[key]; ok {
			env[i] = key + "=" + given
		}
	}
	for _, a := range f.args {
		if !a.global {
			continue
		}
		value := a.value
		if given, ok := s.Args[a.key]; ok {
			value = &given
		} else if value != nil {
			filled, _, err := f.lex.ProcessWord(*value, shell.EnvsFromSlice(env)) // the last of two with the same name counts
			if err != nil {
				return nil, fmt.Errorf("ARG %s: %w", a.key, err)
			}
			value = &filled
		}
		if value != nil { // without a value, a platform argument keeps its own
			env = append(env, a.key+"="+*value)
		}
	}
	return shell.EnvsFromSlice(env), nil
}

func platformArgs(s Settings) []string {
	target := s.Target
	if target == "" {
		target = "default"
	}
	env := []string{"TARGETSTAGE=" + target}
	for prefix, platform := range map[string]string{"BUILD": s.Builder, "TARGET": s.Platform} {
		parts := append(strings.Split(platform, "/"), "", "", "")
		env = append(env, prefix+"PLATFORM="+platform, prefix+"OS="+parts[0], prefix+"ARCH="+parts[1], prefix+"VARIANT="+parts[2])
	}
	return env
}
