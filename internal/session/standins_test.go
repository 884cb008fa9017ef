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
	for _, value := range []string{"b:2", "a:1=x,b:2=y", "a:1=x, b:2=y"} {
		t.Setenv("SEATRIAL_STAND_INS", value)
		want := fmt.Sprintf("SEATRIAL_STAND_INS has %q: want OLD=NEW, two references of images, and spaces between", strings.Fields(value)[0])
		if _, err := StandIns(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}
