// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"encoding/hex"
	"regexp"
	"strings"
	"time"
)

// keyLength is how many bytes of its key stand in the name of a built image.
const keyLength = 10

// Built returns the name of a built image: readable, and made of all that went
// into it.
func Built(name string, key []byte) string {
	return ImageRoot + name + ":" + hex.EncodeToString(key[:keyLength])
}

// UsedTag returns the second name that a built image has, which tells on which
// day it was used last. Images have no label that could be changed, and what the
// two image stores remember of their use differs.
func UsedTag(ref string, day time.Time) string {
	return ref + used + day.UTC().Format(dayForm)
}

const (
	used    = "-used-"
	dayForm = "20060102"
)

// BuiltPattern matches the names of built images, and others of ours.
const BuiltPattern = ImageRoot + "*:*"

var builtTag = regexp.MustCompile(`^[0-9a-f]{20}$`)

// ReadBuilt reads the name of a built image: its own, and, if this is its second
// one, the day of its last use.
func ReadBuilt(name string) (ref string, day time.Time, ok bool) {
	ref, last, isUsed := strings.Cut(name, used)
	path, tag, _ := strings.Cut(ref, ":")
	if !strings.HasPrefix(path, ImageRoot) || !builtTag.MatchString(tag) {
		return "", time.Time{}, false
	}
	if isUsed {
		var err error
		if day, err = time.Parse(dayForm, last); err != nil {
			return "", time.Time{}, false
		}
	}
	return ref, day, true
}
