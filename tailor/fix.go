// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strconv"
	"strings"
)

// Fix is one way to settle a finding: a field of the spec, and what to put into it.
type Fix struct {
	// Field is the name of the field: "Networks".
	Field string `json:"field"`
	// Key is the key to add, if the field is a map, or the item, if it is a list. It
	// is empty for any other field.
	Key string `json:"key,omitempty"`
	// Value is the value of the key, or of a field that is a string. In a map, an
	// empty value is a choice, too: mostly a new object for each copy. A word in
	// capitals (DIR, NAME, VALUE) is a placeholder for what only the caller knows.
	Value string `json:"value"`
	// Does says what the fix does: "makes one for each copy".
	Does string `json:"does"`
}

// valuePlaceholder stands for the value of a variable.
const valuePlaceholder = "VALUE"

// isolate is the last way where the preset has one.
var isolate = Fix{Field: "Isolate", Does: "settles this and its like"}

// maps are the fields that are maps, and lists those that are lists, with the
// option of the command for each.
var (
	mapFields = map[string]string{
		"Env": "env", "Images": "image", "StandIns": "stand-in", "Networks": "network", "Volumes": "volume",
		"Secrets": "secret", "Configs": "config", "Paths": "path", "Replace": "replace", "Constraints": "constraint",
	}
	listFields = map[string]string{"Allow": "allow", "Lock": "lock", "KeepPorts": "keep-port", "Ports": "port"}
	flagFields = map[string]string{"Isolate": "isolate", "StablePorts": "stable-ports", "PortReferences": "port-references"}
	// otherFields are those of which no way is made.
	otherFields = map[string]string{"Builds": "build-context", "Publish": "publish", "PublishOther": "publish", "Profiles": "profile"}
)

// String returns the fix as a field of the spec in Go: Networks: map[string]string{"proxy": ""}.
func (w Fix) String() string {
	switch {
	case mapFields[w.Field] != "":
		return fmt.Sprintf("%s: %s{%q: %q}", w.Field, w.kind(), w.Key, w.Value)
	case listFields[w.Field] != "":
		return fmt.Sprintf("%s: %s{%s}", w.Field, w.kind(), w.item())
	case w.Value != "":
		return fmt.Sprintf("%s: %q", w.Field, w.Value)
	}
	return w.Field + ": true"
}

// inWords says on one line what each way does. Some are one with entries for further
// findings.
func inWords(ways []Fix, more map[int][]Fix, flags bool) string {
	var all []string
	for i, w := range ways {
		s := w.String()
		for _, other := range more[i] { // of the same map
			s = strings.TrimSuffix(s, "}") + fmt.Sprintf(", %q: %q}", other.Key, other.Value)
		}
		if flags {
			s = w.Flag()
			for _, other := range more[i] {
				s += " " + other.Flag()
			}
		} else if i > 0 && ways[i-1].Field == w.Field {
			s = strings.TrimPrefix(s, w.Field+": ")
		}
		all = append(all, s+" "+w.Does)
	}
	return strings.Join(all, "; ")
}

// Flag returns the fix as an option of the command seatrial tailor, quoted for a
// shell: --network proxy=. In a key, an equals sign has a backslash before it.
func (w Fix) Flag() string {
	switch {
	case mapFields[w.Field] != "":
		return "--" + mapFields[w.Field] + " " + shellWord(w.flagKey()+"="+w.Value)
	case listFields[w.Field] != "":
		return "--" + listFields[w.Field] + " " + shellWord(w.Key)
	case w.Value != "":
		return "--" + flagFields[w.Field] + " " + w.Value
	}
	return "--" + flagFields[w.Field]
}

// flagKey is the key before the equals sign of an option. A constraint has an
// operator, which the command knows.
func (w Fix) flagKey() string {
	if w.Field == "Constraints" {
		return w.Key
	}
	return strings.ReplaceAll(w.Key, "=", `\=`)
}

// kind is the type of a field that is a map or a list, in Go.
func (w Fix) kind() string {
	switch {
	case mapFields[w.Field] != "":
		return "map[string]string"
	case strings.HasSuffix(w.Field, "Ports"):
		return "[]int"
	}
	return "[]string"
}

func (w Fix) item() string {
	if strings.HasSuffix(w.Field, "Ports") {
		return w.Key
	}
	return strconv.Quote(w.Key)
}

func shellWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./:,@%+", r)
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
