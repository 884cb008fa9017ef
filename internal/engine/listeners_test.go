// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/binary"
	"fmt"
	"testing"
)

func TestParseListeners(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the tables are of a little-endian machine")
	}
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 1 1 0 100 0 0 10 0
   1: 0B00007F:8F2D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 020012AC:1F90 010012AC:D431 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 020012AC:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 00000000000000000000000001000000:18EC 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   2: 0000000000000000FFFF00000100007F:1538 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   3: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`
	got, err := parseListeners([]byte(table))
	if want := "[127.0.0.1:5432 172.18.0.2:8081 [::]:6379 [::1]:6380 [2001:db8::1]:80]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("parseListeners = %v, %v, want %s", got, err, want)
	}
	for _, bad := range []string{"0: 0100007:1538 0 0A", "0: 0100007F 0 0A", "0: 0100007F01:1 0 0A", "0: 0100007F:12345 0 0A"} {
		if got, err := parseListeners([]byte(bad)); err == nil {
			t.Errorf("parseListeners(%q) = %v, want an error", bad, got)
		}
	}
}
