// SPDX-License-Identifier: Apache-2.0

package planned

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial/tailor"
)

// What is warned of names fields of the spec to a test, and options to whoever calls the
// command.
func TestWarningsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	plan := &tailor.Plan{Findings: []tailor.Finding{{Severity: tailor.Warning, Rule: "passed", What: "variable TAG has no value",
		Fixes: []tailor.Fix{{Field: "Env", Key: "TAG", Value: "VALUE", Does: "gives it one"}}}}}
	for options, want := range map[bool]string{false: `hint: Env: map[string]string{"TAG": "VALUE"} gives it one`, true: "hint: --env TAG=VALUE gives it one"} {
		for about, got := range map[string]string{"Warnings": Warnings(plan, options), "Warned": strings.Join(Warned(plan, options, ""), "")} {
			if !strings.HasSuffix(got, want) {
				t.Errorf("%s with options %v ends with %q, want %q", about, options, got, want)
			}
		}
	}
}

// The hint is a port as it stands in a file: without its protocol it would be TCP's.
func TestCheckScaleKeepsTheProtocol(t *testing.T) {
	t.Parallel()
	plan := &tailor.Plan{Services: []tailor.Service{{Name: "dns", Ports: []tailor.Port{{Published: 53, Target: 5353, Protocol: "udp", Kept: true}}}}}
	if err := CheckScale(plan, "dns", 2); err == nil || !strings.Contains(err.Error(), `with ports: ["5353/udp"], without`) {
		t.Errorf("CheckScale says %v", err)
	}
	if err := CheckScale(plan, "dns", 1); err != nil {
		t.Errorf("one container may have a fixed port, and CheckScale says %v", err)
	}
}
