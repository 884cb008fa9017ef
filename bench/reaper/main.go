// SPDX-License-Identifier: Apache-2.0

// Command reaper replaces the reaper of testcontainers-go if no registry can be
// reached: it gives the same answers, and ends when no client is connected any more.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Started") // testcontainers-go waits for this line
	var connected atomic.Int32
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		connected.Add(1)
		go func() {
			defer c.Close()
			told := false
			for lines := bufio.NewScanner(c); lines.Scan(); told = true {
				fmt.Fprintln(c, "ACK")
			}
			if connected.Add(-1) == 0 && told {
				time.Sleep(time.Second)
				if connected.Load() == 0 {
					os.Exit(0)
				}
			}
		}()
	}
}
