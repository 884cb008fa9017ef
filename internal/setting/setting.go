// SPDX-License-Identifier: Apache-2.0

package setting

import (
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/tailor"
)

// How much it weighs that a message has…
const (
	aValue     = 10 // the value, or a part of it
	aShort     = 3  // a value that many other things have as well
	itsName    = 6  // the setting's name
	aParent    = 1  // the name of what the setting is in
	enough     = 6
	shortValue = 3 // characters, below which a value is short
)

// In returns the setting that a message of an engine speaks of, if one can be told.
func In(message string, settings []tailor.Setting) (found tailor.Setting, ok bool) {
	said := words(systemErrors.ReplaceAllString(message, ""))
	best := 0
	for _, s := range settings {
		keys := keysOf(s.Path)
		if len(keys) == 0 || s.Line == 0 || free[keys[0]] {
			continue
		}
		switch w := weight(said, keys, s.Value); {
		case w < enough || w < best:
		case w == best && s.Line != found.Line:
			ok = false // two fit as well
		default:
			best, found, ok = w, s, true
		}
	}
	return found, ok
}

// systemErrors are what operating systems say of any file or device.
var systemErrors = regexp.MustCompile(`(?i)no such (file or directory|device( or address)?|process)|no space left on device|(inappropriate ioctl for|invalid cross-)device|error response from daemon`)

// free are the settings whose content engines do not look at.
var free = map[string]bool{"environment": true, "labels": true, "annotations": true, "build": true, "image": true}

// common are names of settings that are also words of messages about others: only a value
// tells that these are meant.
var common = map[string]bool{
	"user": true, "source": true, "target": true, "type": true, "name": true, "command": true, "entrypoint": true,
	"networks": true, "volumes": true, "ports": true, "options": true, "driver": true, "capabilities": true, "test": true, "mode": true, "condition": true,
}

var step = regexp.MustCompile(`\[\d+\]$`)

// keysOf returns the names in the path of a setting, below its service. The item of a list
// goes by the name of the list.
func keysOf(path string) []string {
	parts := strings.Split(path, ".")
	if len(parts) < 3 {
		return nil
	}
	for i, p := range parts {
		parts[i] = step.ReplaceAllString(p, "")
	}
	return parts[2:]
}

func weight(said []string, keys []string, value string) int {
	w := 0
	for _, part := range partsOf(value) {
		if !within(said, words(part)) {
			continue
		}
		if len(part) < shortValue {
			w = max(w, aShort)
		} else {
			w = max(w, aValue+len(part))
		}
	}
	last := keys[len(keys)-1]
	switch {
	case common[last]:
	case len(words(last)) > 1 && within(said, words(last)):
		w += itsName + aValue + len(last)
	case named(said, last):
		w += itsName
	}
	for _, key := range keys[:len(keys)-1] {
		switch {
		case !named(said, key):
		case othersCall[key] != "":
			w += itsName
		default:
			w += aParent
		}
	}
	return w
}

// partsOf returns a value and what it is made of: /dev/fuse:/dev/fuse:rwm.
func partsOf(value string) []string {
	return append([]string{value}, strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(":=,", r) })...)
}

var word = regexp.MustCompile(`[a-z]+|[0-9]+`)

func words(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

// within reports whether words stand in others, side by side.
func within(all, some []string) bool {
	if len(some) == 0 {
		return false
	}
	for i := 0; i+len(some) <= len(all); i++ {
		same := true
		for j, w := range some {
			same = same && all[i+j] == w
		}
		if same {
			return true
		}
	}
	return false
}

// othersCall are words for what settings name differently.
var othersCall = map[string]string{"ulimits": "rlimit", "gpus": "gpu", "healthcheck": "health"}

// named reports whether the message has all words of a setting's name, whole or as one begins
// that stands for the other: mem_limit is a "memory limit", cap_add a "CapAdd".
func named(said []string, name string) bool {
	all := words(name)
	for _, w := range all {
		w = strings.TrimSuffix(w, "s")
		there := false
		for _, other := range said {
			other = strings.TrimSuffix(other, "s")
			there = there || other == w || len(w) >= 3 && strings.HasPrefix(other, w) || other == othersCall[name]
		}
		if !there {
			return false
		}
	}
	return len(all) > 0
}
