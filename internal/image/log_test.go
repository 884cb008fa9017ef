// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"slices"
	"testing"
)

// What docker image pull prints where there is no terminal, in pieces.
func TestPullLog(t *testing.T) {
	t.Parallel()
	var got []string
	p := &pullLog{tell: func(here, all int) { got = append(got, fmt.Sprintf("%d of %d", here, all)) }}
	for _, part := range []string{
		"17: Pulling from shop/db\nab12: Already exists\ncd34: Pulling fs la", "yer\nef56: Pulling fs layer\ncd34: Waiting\n",
		"ef56: Verifying Checksum\nef56: Download complete\nef56: Pull complete\n", "cd34: Pull complete\nDigest: sha256:0\nStatus: Downloaded newer image for shop/db:17\n",
	} {
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%d of %d written, %v", n, len(part), err)
		}
	}
	if want := []string{"1 of 1", "1 of 2", "1 of 3", "1 of 3", "2 of 3", "3 of 3"}; !slices.Equal(got, want) {
		t.Errorf("it tells %q, want %q", got, want)
	}
}
