// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
)

// leftTexts calls f for the texts that name ports and addresses and are left
// alone: what goes into an image, which is the same for all copies, and the
// files of programs, which most often mean the inside of a container.
func (m *textReader) leftTexts(f func(text)) {
	if m.isStack() { // which builds before, and has no content in the files
		return
	}
	m.textsIn(func(t text) {
		t.left = "an image is built once for all"
		f(t)
	}, "build.args")
	m.contentTexts(func(t text) {
		t.left = "a file is left alone"
		f(t)
	})
}

// reportLeftAddresses reports those in a subnet that was leased.
func (m *addressing) reportLeftAddresses(r *rule, s subnet) {
	left := *r
	m.texts.leftTexts(func(t text) {
		var all []string
		ipaddress.Replace(t.value, s.prefix, func(a string) string {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
			return a
		})
		left.reason = "it is another one in each copy; " + t.left
		for _, a := range all {
			m.report(&left, t.at, m.src.find(t.find), fmt.Sprintf("%s is an address on network %s", a, s.n.name))
		}
	})
}
