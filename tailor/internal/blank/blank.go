// SPDX-License-Identifier: Apache-2.0

package blank

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
)

// Mark stands in a value where a blank is: no YAML file can have it.
const Mark = "\x00"

// Harm is what a blank does to a value.
type Harm int

// The harms, the greater the worse.
const (
	// None leaves a value of its kind.
	None Harm = iota
	// Doubtful leaves another one than the file can mean: of a path nothing, or one in the
	// root of the machine.
	Doubtful
	// Useless leaves what is nothing to go on with, even where a path in the root, or an
	// empty directory, would do.
	Useless
	// Unreadable leaves what the loaders of the files refuse.
	Unreadable
	// NoReference leaves what is no reference of an image, which no engine takes.
	NoReference
)

// Of judges the blanks in a value. The keys lead to it in the document, where [] stands
// for an item of a list.
func Of(keys []string, value string) Harm {
	if !strings.Contains(value, Mark) {
		return None
	}
	for _, key := range []string{"environment", "labels", "args", "annotations", "healthcheck"} {
		if slices.Contains(keys, key) {
			return None
		}
	}
	words := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "[]" })
	if len(words) == 0 {
		return None
	}
	isItem := keys[len(keys)-1] == "[]"
	isService := words[0] == "services"
	last, above := words[len(words)-1], ""
	if len(words) > 1 {
		above = words[len(words)-2]
	}
	if above == "additional_contexts" {
		return ofContext(value)
	}
	switch last {
	case "image":
		return ofImage(value)
	case "container_name":
		if isService && !containerName.MatchString(left(value)) {
			return Unreadable
		}
	case "build", "context":
		return ofContext(value)
	case "additional_contexts":
		_, from, _ := strings.Cut(value, "=")
		return ofContext(from)
	case "env_file":
		if isService && left(value) == "" {
			return Unreadable
		}
		return ofFile(value)
	case "label_file", "file", "path":
		return ofFile(value)
	case "dockerfile":
		return ofPath(value)
	case "device":
		return ofFile(strings.TrimPrefix(value, ":")) // that of a network share
	case "source":
		if above == "volumes" {
			return ofPath(value)
		}
	case "target":
		if above == "volumes" && left(value) != "" {
			return ofPath(value)
		}
		if above == "volumes" || above == "ports" {
			return Useless
		}
	case "volumes":
		if isItem {
			return ofMount(value, isService)
		}
	case "ports":
		if isItem {
			return ofPort(value, isService)
		}
	}
	return None
}

// containerName is what Compose reads as one.
var containerName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)

// left is what a value is without the marks.
func left(value string) string { return strings.ReplaceAll(value, Mark, "") }

func ofImage(value string) Harm {
	if _, err := reference.ParseNormalizedNamed(left(value)); err != nil {
		return NoReference
	}
	return None
}

// ofContext judges where a build gets its files from: a path, or something with a scheme.
func ofContext(value string) Harm {
	for _, scheme := range []string{"://", "service:", "target:"} {
		if _, rest, ok := strings.Cut(value, scheme); ok {
			if left(rest) == "" {
				return Useless
			}
			value = rest
		}
	}
	return ofPath(value)
}

// ofFile judges what has to be there.
func ofFile(value string) Harm {
	if ofPath(value) != None {
		return Useless
	}
	return None
}

// ofPath judges a path, or the name of a volume. Of one that begins with a blank
// directory a path in the root is left.
func ofPath(value string) Harm {
	first, _, _ := strings.Cut(value, "/")
	if strings.Contains(first, Mark) && left(first) == "" && strings.Contains(value, "/") {
		return Doubtful
	}
	if !strings.Contains(value, Mark) {
		return None
	}
	switch path.Clean(left(value)) {
	case "/":
		return Useless
	case ".", "..", "~":
		return Doubtful
	}
	return None
}

// ofMount judges a volume in the short form.
func ofMount(value string, isService bool) Harm {
	short := left(value)
	if isService && (short == "" || strings.HasPrefix(short, ":") || strings.HasSuffix(short, ":")) {
		return Unreadable
	}
	harm, isFile := None, false
	for i, part := range strings.Split(value, ":") {
		harm = max(harm, ofPath(part))
		isFile = isFile || i < 2 && machinepath.LooksLikeFile(left(part))
	}
	if isFile && harm == Doubtful {
		return Useless
	}
	return harm
}

// ofPort judges a port in the short form. Without the one of the host the engine chooses.
func ofPort(value string, isService bool) Harm {
	target := value[strings.LastIndex(value, ":")+1:]
	number, _, _ := strings.Cut(left(target), "/")
	switch {
	case isService && number == "":
		return Unreadable
	case strings.Contains(target, Mark):
		return Doubtful
	}
	return None
}
