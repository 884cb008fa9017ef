// SPDX-License-Identifier: Apache-2.0

// Command reaper stands in for the reaper of testcontainers-go where no registry can be
// reached: it answers as that does, and ends when nobody is connected any more.
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
	fmt.Println("Started") // which is waited for
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
