// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"

	"github.com/seatrial/seatrial/internal/netns"
)

// listenBeside listens in the network that the engine's process is in, on this machine. Only
// root may.
func (e *publishing) listenBeside(address string) (net.Listener, error) {
	dir, ok := e.processes.process()
	pid, err := strconv.Atoi(filepath.Base(dir))
	if !ok || err != nil {
		return nil, errors.ErrUnsupported
	}
	space, err := netns.Of(pid)
	if err != nil {
		return nil, e.noWayBack(fmt.Sprintf("it is in another network of this machine, where only root listens (%v)", err))
	}
	defer space.Close()
	l, err := space.Listen(address)
	if errors.Is(err, fs.ErrPermission) {
		err = e.noWayBack(fmt.Sprintf("it is in another network of this machine, where only root listens (%v)", err))
	}
	return l, err
}
