// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The watchdog remembers all that it is told, in any order, and forgets what it is told that is over.
func TestListen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := &work{}
	w.listen(strings.NewReader(strings.Join([]string{
		orderBusy, orderShared + " a", orderShared + " b", orderWhole + " c", orderWhole + " d", orderStays + " c",
		orderBegan + " 70001", orderBegan + " 70002", orderBegan + " 1", orderBegan + " x", orderEnded + " 70001",
		orderParent + " " + strconv.Quote(dir), orderParent + " " + strconv.Quote(os.TempDir()), orderParent + " " + strconv.Quote(dir), orderParent + " unquoted",
		"something newer", "",
	}, "\n")))
	if !w.busy || !slices.Equal(w.shared, []string{"a", "b"}) || !slices.Equal(w.whole, []string{"d"}) {
		t.Errorf("busy %v, shared %q, whole %q", w.busy, w.shared, w.whole)
	}
	if !slices.Equal(w.groups, []int{70002}) || !slices.Equal(w.parents, []string{dir, os.TempDir()}) {
		t.Errorf("groups %d, parents %q", w.groups, w.parents)
	}
	if w.listen(strings.NewReader(orderIdle + "\n")); w.busy {
		t.Error("it is busy although nothing is to be removed")
	}
}
