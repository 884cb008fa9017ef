// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
)

// A flagList is raw flags of docker run, read as the docker command reads them.
type flagList []rawFlag

type rawFlag struct{ name, value string }

// Flags of docker run without a value. All others take the next word, unless
// theirs comes after "=".
// https://github.com/docker/cli/blob/master/cli/command/container/opts.go
var switches = []string{"--detach", "--disable-content-trust", "--help", "--init", "--interactive", "--no-healthcheck",
	"--oom-kill-disable", "--privileged", "--publish-all", "--quiet", "--read-only", "--rm", "--sig-proxy", "--tty", "--use-api-socket"}

// Flags of one letter.
var shorts = map[byte]string{'a': "--attach", 'c': "--cpu-shares", 'd': "--detach", 'e': "--env", 'h': "--hostname", 'i': "--interactive",
	'l': "--label", 'm': "--memory", 'P': "--publish-all", 'p': "--publish", 'q': "--quiet", 't': "--tty", 'u': "--user", 'v': "--volume", 'w': "--workdir"}

// Flags that are refused, and why.
var refusedFlags = map[string]string{
	"--name":        "the container's name says whose it is; Name is its role, and an alias in a network its name there",
	"--rm":          "the container goes with the test, after its log and its exit code were read",
	"--cidfile":     "the handle has the ID",
	"--detach":      "Run always returns while the container runs; RunToEnd waits for its end",
	"--detach-keys": "nobody is attached to the container",
	"--sig-proxy":   "nobody is attached to the container; Kill sends it a signal",
	"--help":        "it makes no container",
	"--quiet":       "it changes nothing here",
}

// readFlags reads flags, and says what is wrong with them.
func readFlags(words []string) (flagList, error) {
	var all flagList
	var wrong report.Problems
	for i := 0; i < len(words); i++ {
		found, wants := splitFlag(words[i])
		if found == nil {
			wrong.Add("Flags: %q is not a flag", words[i])
			continue
		}
		if last := &found[len(found)-1]; wants {
			if i++; i == len(words) {
				wrong.Add("Flags: %s has no value", last.name)
				break
			}
			last.value = words[i]
		}
		all = append(all, found...)
	}
	for _, f := range all {
		f.check(&wrong)
	}
	return all, wrong.Joined()
}

// splitFlag reads the flags in one word, and says whether the last of them wants
// the next word as its value.
func splitFlag(word string) (found []rawFlag, wants bool) {
	if name, value, whole := strings.Cut(word, "="); strings.HasPrefix(word, "--") && len(name) > 2 {
		return []rawFlag{{name, value}}, !whole && !slices.Contains(switches, name)
	}
	if len(word) < 2 || word[0] != '-' || word[1] == '-' {
		return nil, false
	}
	for i := 1; i < len(word); i++ {
		name := shorts[word[i]]
		if name == "" {
			name = "-" + word[i:i+1] // docker will say what it thinks of it
		}
		found = append(found, rawFlag{name: name})
		if !slices.Contains(switches, name) {
			rest := strings.TrimPrefix(word[i+1:], "=")
			found[len(found)-1].value = rest
			return found, i+1 == len(word)
		}
		if i+1 < len(word) && word[i+1] == '=' { // -d=false
			break
		}
	}
	return found, false
}

// check says why a flag is refused, if it is.
func (f rawFlag) check(wrong *report.Problems) {
	if why := refusedFlags[f.name]; why != "" {
		wrong.Add("Flags: %s is refused: %s", f.name, why)
	}
	if key, _, _ := strings.Cut(f.value, "="); f.name == "--label" && owner.IsLabel(key) {
		wrong.Add("Flags: --label %s is refused: it is one of seatrial's own", key)
	}
	if source := f.source(); f.name == "--volume" && isPath(source) {
		if _, err := os.Stat(source); err != nil { // the engine would make a directory, root's
			wrong.Add("Flags: --volume %s: %w\n    hint: --mount type=bind is for what only the engine's machine has", f.value, err)
		}
	}
}

// source returns what a flag mounts: a path, or the name of a volume.
func (f rawFlag) source() string {
	switch f.name {
	case "--volume":
		drive := filepath.VolumeName(f.value) // C: of C:\dir:/target
		if source, _, named := strings.Cut(f.value[len(drive):], ":"); named {
			return drive + source
		}
	case "--mount":
		fields, _ := csv.NewReader(strings.NewReader(f.value)).Read() // docker will say what is wrong with it
		for _, field := range fields {
			if key, value, _ := strings.Cut(field, "="); strings.EqualFold(key, "source") || strings.EqualFold(key, "src") {
				return value
			}
		}
	}
	return ""
}

// writable returns the path of this machine that a flag mounts so that the container can write
// to it, or nothing.
func (f rawFlag) writable() string {
	source := f.source()
	switch f.name {
	case "--volume":
		_, rest, _ := strings.Cut(strings.TrimPrefix(f.value, source), ":") // target, or target:options
		_, options, _ := strings.Cut(rest, ":")
		if isPath(source) && !slices.Contains(strings.Split(options, ","), "ro") {
			return source
		}
	case "--mount":
		fields, _ := csv.NewReader(strings.NewReader(f.value)).Read()
		bind, writes := false, true
		for _, field := range fields {
			switch key, value, given := strings.Cut(strings.ToLower(field), "="); key {
			case "type":
				bind = value == "bind"
			case "readonly", "ro":
				readOnly, err := strconv.ParseBool(value)
				writes = given && err == nil && !readOnly
			}
		}
		if bind && writes {
			return source
		}
	}
	return ""
}

func isPath(source string) bool {
	return strings.ContainsAny(source, `/\`) || source == "." || source == ".."
}

// volumes returns the names of the volumes that the flags mount.
func (l flagList) volumes() []string {
	var names []string
	for _, f := range l {
		if source := f.source(); source != "" && !isPath(source) {
			names = append(names, source)
		}
	}
	return names
}

// networks returns the names of the networks that the flags join.
func (l flagList) networks() []string {
	var names []string
	for _, f := range l {
		if f.name != "--network" && f.name != "--net" {
			continue
		}
		name := f.value
		fields, _ := csv.NewReader(strings.NewReader(f.value)).Read()
		for _, field := range fields {
			if key, value, ok := strings.Cut(field, "="); ok && strings.EqualFold(key, "name") {
				name = value
			}
		}
		names = append(names, name)
	}
	return names
}

func (l flagList) has(name string) bool {
	return slices.ContainsFunc(l, func(f rawFlag) bool { return f.name == name })
}

// last returns the value of a flag: of several, the last counts.
func (l flagList) last(name string) (value string) {
	for _, f := range l {
		if f.name == name {
			value = f.value
		}
	}
	return value
}
