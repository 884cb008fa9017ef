// SPDX-License-Identifier: Apache-2.0

package lock

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("LOCK_DIR"); dir != "" { // the other process
		if _, err := Take(context.Background(), dir, "key", "image x", nil); err != nil {
			panic(err)
		}
		os.Stdout.WriteString("taken\n")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var wg sync.WaitGroup
	inside, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		inside += n
		most = max(most, inside)
	}
	for range 8 {
		wg.Go(func() {
			release, err := Take(t.Context(), dir, "key", "x", func(string) {})
			if err != nil {
				t.Error(err)
				return
			}
			count(1)
			time.Sleep(5 * time.Millisecond)
			count(-1)
			release()
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d were inside at once, want 1", most)
	}
}

func TestTry(t *testing.T) {
	dir := t.TempDir()
	release, ok := Try(dir, "key")
	if !ok {
		t.Fatal("a lock that nobody has is not to be had")
	}
	if _, ok := Try(dir, "key"); ok {
		t.Error("a lock that somebody has is taken")
	}
	release()
	if release, ok = Try(dir, "key"); !ok {
		t.Fatal("a lock that was released is not to be had")
	}
	release()
}

// Another process holds the lock, is named, and loses it when it is killed.
func TestHolderDies(t *testing.T) {
	dir := t.TempDir()
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), "LOCK_DIR="+dir)
	out, err := holder.StdoutPipe()
	if err == nil {
		err = holder.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := Take(ctx, dir, "key", "image x", nil); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "works on image x") {
		t.Errorf("error = %v, want that of the context", err)
	}
	said := ""
	release, err := Take(t.Context(), dir, "key", "image x", func(who string) {
		said = who
		if err := holder.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = holder.Wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if !strings.HasPrefix(said, "image x, process ") || IsMine(said) {
		t.Errorf("the holder is %q, want what it does and its process", said)
	}
	said = ""
	first, err := Take(t.Context(), dir, "own", "image y", nil)
	if err != nil {
		t.Fatal(err)
	}
	release, err = Take(t.Context(), dir, "own", "image y", func(who string) { said = who; first() })
	if err != nil {
		t.Fatal(err)
	}
	release()
	if !IsMine(said) {
		t.Errorf("the holder is %q, and not this process", said)
	}
}

func TestNoDirectoryNoLock(t *testing.T) {
	release, err := Take(t.Context(), "", "key", "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	release()
}
