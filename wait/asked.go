// SPDX-License-Identifier: Apache-2.0

package wait

// Asked returns the ports that must be published for a condition to hold, because it
// connects to their published addresses. Those in [Any] are left out: another of its
// conditions may hold.
func Asked(c Condition) []int {
	switch c := c.(type) {
	case HTTPCondition:
		return []int{c.Port}
	case SQLCondition:
		return []int{c.Port}
	case WithinCondition:
		return Asked(c.Condition)
	case SteadyCondition:
		return Asked(c.Condition)
	case AllCondition:
		var all []int
		for _, part := range c.Conditions {
			all = append(all, Asked(part)...)
		}
		return all
	}
	return nil
}
