// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strconv"
	"strings"
)

// Fix is a way to settle a finding: a field of the spec, and what to put there.
type Fix struct {
	// Field is the name of the field in the spec.
	Field string `json:"field"`
	// Key is the key in a map, or the item of a list.
	Key string `json:"key,omitempty"`
	// Value is what the key stands for, in a map. It is often empty, and of a name
	// in capitals only the caller knows what it is.
	Value string `json:"value"`
	// Does says what comes of it.
	Does string `json:"does"`
}

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

// String is the way as a field of the spec in Go.
func (w Fix) String() string {
	switch {
	case mapFields[w.Field] != "":
		return fmt.Sprintf("%s: {%q: %q}", w.Field, w.Key, w.Value)
	case listFields[w.Field] != "":
		return fmt.Sprintf("%s: {%s}", w.Field, w.item())
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

// Flag is the way as an option of the command seatrial tailor, for a shell. An
// equals sign in the key has a backslash before it.
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
