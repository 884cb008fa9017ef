// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

// noteUse says on the engine that this process uses the environment, as long as it
// lives.
func (v *Environment) noteUse(ctx context.Context, sess *session.Session) error {
	name := "seatrial-use-" + v.run + "-" + owner.NewID()
	use := sess.Owner.On(owner.Use, name) // its process and its end are ours
	use.Run, use.Test, use.Scope = v.run, v.Name, v.session.Owner.Scope
	if err := sess.Engine.CreateVolume(ctx, name, use.Labels()); err != nil {
		return fmt.Errorf("noting its use: %w", err)
	}
	v.noted = name
	return nil
}

// forget takes back what was noted. What cannot be taken back counts no more when
// this process has ended.
func (v *Environment) forget(ctx context.Context) {
	for _, name := range []string{v.noted, v.record} {
		if name != "" {
			_ = v.session.Engine.RemoveVolume(ctx, name)
		}
	}
	v.noted, v.record, v.until = "", "", time.Time{}
}

// KeepWarm says on the engine until when the environment stays without a user.
// Records are replaced, the new one before the old one.
func (v *Environment) KeepWarm(ctx context.Context) error {
	v.keeping.Lock()
	defer v.keeping.Unlock()
	until := time.Now().Add(v.warm)
	if until.Sub(v.until) < v.warm/10 { // for many short tests once in a while is enough
		return nil
	}
	ahead, err := v.session.On.Clock(ctx)
	if err != nil {
		return err
	}
	name := "seatrial-shared-" + v.run + "-" + owner.NewID()
	record := v.session.Owner.On(owner.Record, name)
	record.Until = until.Add(ahead + time.Second) // labels have whole seconds
	labels := record.Labels()
	labels[owner.LabelKey], labels[owner.LabelRunning] = v.key, strconv.Itoa(v.fine)
	if err := v.session.Engine.CreateVolume(ctx, name, labels); err != nil {
		return fmt.Errorf("noting until when it stays: %w", err)
	}
	if v.record != "" {
		_ = v.session.Engine.RemoveVolume(ctx, v.record) // its time will be over, too
	}
	v.record, v.until = name, until
	return nil
}

// A failedStart is told to those who waited for it, and to those of the same go
// test who would only see it again.
type failedStart struct {
	At     time.Time
	Parent string // of the process that tried
	Text   string
}

// toldAgain is for how long.
const toldAgain = 2 * time.Minute

func failedFile(run string) string {
	dir := sweep.SharedDir()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, run+".failed")
}

// parent returns the go command that tests this package, or nothing if none does.
func parent() string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", os.Getppid()))
	if err == nil && strings.TrimSpace(string(name)) != "go" {
		return ""
	}
	return process.Of(os.Getppid()).String()
}

func writeFailed(run, text, artifacts string) {
	text = fmt.Sprintf("%s\n    process %d tried, artifacts: %s", text, os.Getpid(), artifacts)
	old, _ := filepath.Glob(failedFile("*"))
	for _, file := range old {
		if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > toldAgain {
			_ = os.Remove(file)
		}
	}
	content, err := json.Marshal(failedStart{time.Now(), parent(), text})
	if file := failedFile(run); file != "" && err == nil {
		_ = os.WriteFile(file, content, 0o600) // or each tries for himself
	}
}

// readFailed returns why the start failed for which the caller has waited since a
// time.
func readFailed(run string, since time.Time) error {
	file := failedFile(run)
	content, err := os.ReadFile(file)
	if file == "" || err != nil {
		return nil
	}
	var f failedStart
	if json.Unmarshal(content, &f) != nil {
		return nil
	}
	if f.At.After(since) || f.Parent != "" && f.Parent == parent() && time.Since(f.At) < toldAgain {
		return fmt.Errorf("it failed in another process, %v ago: %s\n    hint: the same go test does not try it again; the next one does, and so do all after %v",
			time.Since(f.At).Round(time.Second), f.Text, toldAgain)
	}
	_ = os.Remove(file)
	return nil
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
