// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"encoding/hex"
	"regexp"
	"strings"
	"time"
)

// keyLength is the number of bytes of the key in the name of a built image.
const keyLength = 10

// Built returns the name of a built image: a readable part, and a part of the key
// of its input.
func Built(name string, key []byte) string {
	return ImageRoot + name + ":" + hex.EncodeToString(key[:keyLength])
}

// UsedTag returns the second name of a built image, which has the day of its last
// use. An image's labels cannot be changed, and the two image stores record its use
// differently.
func UsedTag(ref string, day time.Time) string {
	return ref + used + day.UTC().Format(dayForm)
}

const (
	used    = "-used-"
	dayForm = "20060102"
)

// BuiltPattern matches the names of built images, and other names of ours.
const BuiltPattern = ImageRoot + "*:*"

var builtTag = regexp.MustCompile(`^[0-9a-f]{20}$`)

// ReadBuilt parses a name of a built image. It returns the image's own name and,
// from a second name, the day of its last use.
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
