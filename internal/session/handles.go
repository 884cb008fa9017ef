// SPDX-License-Identifier: Apache-2.0

package session

// Handles returns what the packages above know the resources of a test as, on all engines.
func Handles(t T) []any {
	process.Lock()
	var all []*Session
	for key, s := range process.sessions {
		if key.T == t {
			all = append(all, s)
		}
	}
	process.Unlock()
	var handles []any
	for _, s := range all {
		for _, r := range s.all() {
			if r.Handle != nil {
				handles = append(handles, r.Handle)
			}
		}
	}
	return handles
}
