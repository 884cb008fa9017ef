// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/progress"
)

// Output of docker compose pull --progress json in pieces: some changes are reported at
// once, others only a few times a second.
func TestPullLog(t *testing.T) {
	t.Parallel()
	var got []string
	now := time.Now()
	p := &pullLog{now: func() time.Time { return now }, tell: func(e progress.Event) {
		got = append(got, fmt.Sprintf("%d of %d layers, %d of %d bytes", e.Here, e.Layers, e.Bytes, e.AllBytes))
	}}
	for _, part := range []string{
		`{"id":"Image shop/db:17","status":"Working","text":"Pulling"}` + "\nno JSON\n",
		`{"id":"ab12","parent_id":"Image shop/db:17","text":"Already exists"}` + "\n" + `{"id":"cd34","text":"Pulling fs la`, `yer"}` + "\n",
		`{"id":"ef56","text":"Pulling fs layer"}` + "\n" + `{"id":"cd34","text":"Waiting"}` + "\n",
		`{"id":"99ff","text":"Downloading","current":1,"total":2}` + "\n", // not a layer
		`{"id":"ef56","text":"Downloading","current":10,"total":100}` + "\n",
		"", `{"id":"ef56","text":"Downloading","current":50,"total":100}` + "\n",
		"", `{"id":"cd34","text":"Downloading","current":7}` + "\n",
		`{"id":"ef56","text":"Verifying Checksum"}` + "\n" + `{"id":"ef56","text":"Download complete"}` + "\n" + `{"id":"ef56","text":"Extracting","current":3,"total":4}` + "\n" + `{"id":"ef56","text":"Pull complete"}` + "\n",
		`{"id":"cd34","text":"Pull complete"}` + "\n",
	} {
		if part == "" { // time passes
			now = now.Add(tellBytes)
		}
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%d of %d written, %v", n, len(part), err)
		}
	}
	if want := []string{
		"1 of 1 layers, 0 of 0 bytes", "1 of 2 layers, 0 of 0 bytes", "1 of 3 layers, 0 of 0 bytes",
		"1 of 3 layers, 50 of 100 bytes", "1 of 3 layers, 57 of 107 bytes", "2 of 3 layers, 107 of 107 bytes", "3 of 3 layers, 107 of 107 bytes",
	}; !slices.Equal(got, want) {
		t.Errorf("it tells\n%q, want\n%q", got, want)
	}
}
