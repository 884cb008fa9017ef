// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"
	"sync"
)

// TailLines is how many of the last lines of a program's output an error shows.
const TailLines = 12

// LastLines returns the last lines, TailLines at most.
func LastLines(lines []string) []string { return lines[max(0, len(lines)-TailLines):] }

// List lists names, or says "none".
func List(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// There says which names there are, as the end of a message.
func There(names []string) string {
	verb := "are"
	if len(names) == 1 {
		verb = "is"
	}
	return "there " + verb + " " + List(names)
}

// ShortID shortens the id of a container or image as docker does.
func ShortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

// A Buffer keeps the first 64 KiB of what is written to it. It may be both streams of a command,
// which are written at the same time.
type Buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := 64<<10 - b.text.Len(); room > 0 {
		_, _ = b.text.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Sentence joins the parts of a message that are not empty.
func Sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}
