// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/moby/moby/client"
)

// An Exec is a command to run in a running container.
type Exec struct {
	Command []string
	Env     []string // KEY=value; added to the container's
	User    string   // empty is the container's
	Dir     string   // empty is the container's
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
}

// Exec runs a command in a container to its end, and returns its exit code. The
// engine cannot end a command: if ctx ends first, it goes on in the container.
func (e *containers) Exec(ctx context.Context, id string, x Exec) (code int, err error) {
	created, err := e.api.ExecCreate(ctx, id, client.ExecCreateOptions{
		Cmd: x.Command, Env: x.Env, User: x.User, WorkingDir: x.Dir,
		AttachStdin: x.In != nil, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return 0, err
	}
	conn, err := e.api.ExecAttach(ctx, created.ID, client.ExecAttachOptions{})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, conn.Close) // a hijacked connection knows no context
	defer stop()
	if x.In != nil {
		go func() {
			_, _ = io.Copy(conn.Conn, x.In) // the command need not read all of it
			_ = conn.CloseWrite()
		}()
	}
	if err := splitStreams(conn.Reader, whole(x.Out), whole(x.Err)); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return 0, fmt.Errorf("reading what it prints: %w", err)
	}
	ended, err := e.api.ExecInspect(ctx, created.ID, client.ExecInspectOptions{})
	if err == nil && ended.Running {
		err = errors.New("the engine closed the streams of a command that still runs")
	}
	return ended.ExitCode, err
}

// whole is a frameWriter to a stream, or to nowhere.
func whole(w io.Writer) frameWriter {
	return func(text []byte) error {
		if w == nil {
			return nil
		}
		_, err := w.Write(text)
		return err
	}
}
