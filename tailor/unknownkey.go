// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/schema"
	composetree "github.com/compose-spec/compose-go/v2/tree"

	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// How the loader says that it does not know a key: of most mappings, and of those that
// have patterns for others.
var (
	additional = regexp.MustCompile(`^(\S*) ?additional properties? ('[^']+'(?:, '[^']+')*) not allowed$`)
	noSchema   = regexp.MustCompile(`^(\S+)\.([^.\s]+) false schema$`)
	quotedKey  = regexp.MustCompile(`'([^']+)'`)
)

// unknownKey says which key the loader does not know, by its message, and where that
// stands; ok is false of any other message.
func unknownKey(text string) (p modeltree.Path, what string, ok bool) {
	at, key := "", ""
	if m := noSchema.FindStringSubmatch(text); m != nil {
		at, key = m[1], m[2]
	} else if m := additional.FindStringSubmatch(text); m != nil {
		at, key = m[1], quotedKey.FindStringSubmatch(m[2])[1]
	} else {
		return nil, "", false
	}
	if at = strings.TrimSuffix(at, ":"); at != "" {
		for step := range strings.SplitSeq(at, ".") {
			p = append(p, step)
		}
	}
	keys := keysAt(at)
	if slices.Contains(keys, key) { // to Compose: it is docker stack deploy that reads
		return p.Join(key), fmt.Sprintf("key %q %s is not allowed in a stack file of this version", key, whereIn(p)), true
	}
	what = fmt.Sprintf("unknown key %q %s", key, whereIn(p))
	if near := meant.Nearest(key, keys); near != "" {
		what += fmt.Sprintf("; did you mean %q?", near)
	}
	return p.Join(key), what, true
}

// whereIn says where in a file a mapping is: in service api, in healthcheck of service api.
func whereIn(p modeltree.Path) string {
	if len(p) < 2 {
		return strings.TrimRight("at the top of the file "+p.String(), " ")
	}
	of := fmt.Sprintf("%s %v", strings.TrimSuffix(fmt.Sprint(p[0]), "s"), p[1])
	if len(p) == 2 {
		return "in " + of
	}
	return "in " + p[2:].String() + " of " + of
}

// keysAt returns the keys that a mapping may have by Compose's schema.
func keysAt(at string) (keys []string) {
	var steps []string
	if at != "" {
		steps = strings.Split(at, ".")
	}
	for _, path := range schema.AttributePaths() {
		parts := path.Parts()
		if len(parts) != len(steps)+1 {
			continue
		}
		key := parts[len(steps)]
		like := true
		for i, step := range steps {
			like = like && (parts[i] == step || parts[i] == composetree.PathMatchAll)
		}
		if like && key != composetree.PathMatchAll && key != composetree.PathMatchList {
			keys = append(keys, key)
		}
	}
	return keys
}
