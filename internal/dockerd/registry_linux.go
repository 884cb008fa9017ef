// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/netns"
	"github.com/seatrial/seatrial/internal/registry"
)

// serve serves a registry inside the engine's network, from this process.
func (e *Engine) serve() error {
	handler, err := e.images()
	if err != nil {
		return err
	}
	space, err := netns.Of(e.first.cmd.Process.Pid)
	if err != nil {
		return err
	}
	defer space.Close()
	listener, err := space.Listen(registryAddress)
	if err != nil {
		return fmt.Errorf("listening for its registry: %w", err)
	}
	e.registry, e.serving = &http.Server{Handler: handler}, make(chan struct{})
	go func() {
		defer close(e.serving)
		_ = e.registry.Serve(listener)
	}()
	return nil
}

// images is the registry's content, which the engines of a rack share.
func (e *Engine) images() (http.Handler, error) {
	if e.rack != nil {
		return e.rack.images, nil
	}
	return registry.New(filepath.Join(e.dir, "registry"))
}

func (e *Engine) endRegistry() {
	if e.registry != nil {
		e.registry.Close()
		<-e.serving
		e.registry = nil
	}
}
