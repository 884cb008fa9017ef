// SPDX-License-Identifier: Apache-2.0

package netns

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// New makes a namespace that ends, with all devices in it, when it is closed or
// this process ends, unless a process was started in it.
func New() (s Space, err error) {
	err = onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("making a network namespace: %w", err)
		}
		s.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return s, err
}

// Of opens the namespace of a process.
func Of(pid int) (Space, error) { return At(fmt.Sprintf("/proc/%d/ns/net", pid)) }

// At opens the namespace that a file stands for.
func At(path string) (Space, error) {
	file, err := os.Open(path)
	return Space{file}, err
}

// Do calls do in the namespace. A socket or process that is made there stays
// there; a goroutine does not.
func (s Space) Do(do func() error) error {
	if s.file == nil {
		return errors.New("entering a network namespace: there is none")
	}
	return onThread(func() error {
		if err := unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("entering a network namespace: %w", err)
		}
		return do()
	})
}

// Listen listens in the namespace.
func (s Space) Listen(address string) (l net.Listener, err error) {
	err = s.Do(func() error {
		l, err = net.Listen("tcp4", address)
		return err
	})
	return l, err
}

// onThread calls do on a thread of its own, which ends afterwards.
func onThread(do func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		if unix.Gettid() == unix.Getpid() {
			// But the main thread does not end: it would stay in the other network,
			// and with it /proc/self. While it is locked here, use another one.
			defer runtime.UnlockOSThread()
			err = onThread(do)
			return
		}
		err = do()
	}()
	<-done
	return err
}
