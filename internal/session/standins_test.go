// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"strings"
	"testing"
)

func TestStandIns(t *testing.T) {
	given := map[string]string{"a:1": "mine"}
	t.Setenv("SEATRIAL_STAND_INS", "a:1=theirs  b:2=host:5000/b@sha256:00=x")
	all, err := StandIns(given)
	if got, want := fmt.Sprint(all), "map[a:1:mine b:2:host:5000/b@sha256:00=x]"; err != nil || got != want {
		t.Errorf("StandIns = %s, %v, want %s", got, err, want)
	}
	t.Setenv("SEATRIAL_STAND_INS", "b:2")
	if _, err := StandIns(given); err == nil || !strings.Contains(err.Error(), `SEATRIAL_STAND_INS has "b:2": want OLD=NEW`) {
		t.Errorf("error = %v", err)
	}
}
