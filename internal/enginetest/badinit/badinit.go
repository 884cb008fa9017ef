// SPDX-License-Identifier: Apache-2.0

package badinit

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

func init() {
	if os.Args[0] != "seatrial-watchdog" {
		return
	}
	mode, err := os.ReadFile(filepath.Join(os.TempDir(), "badinit"))
	if err != nil {
		return
	}
	switch string(mode) {
	case "exit":
		os.Exit(1)
	case "print":
		fmt.Println("hello from init")
		fmt.Fprintln(os.Stderr, "hello from init")
	case "hang":
		time.Sleep(time.Hour)
	case "dial":
		_, _ = net.DialTimeout("tcp", "127.0.0.1:1", time.Second)
	}
}
