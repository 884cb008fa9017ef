// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"cmp"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/outside"
)

// Options say what engine is wanted.
type Options struct {
	Binary       string   // of dockerd; if empty, the one in PATH
	ClassicStore bool     // images in the graph driver's store, not in containerd's
	Args         []string // more for dockerd
	Run          string   // the run that it belongs to
	Hostname     string   // of its machine; if empty, a name that nobody else has
}

// An Engine is a private engine. Its methods are for one goroutine at a time.
type Engine struct {
	options Options

	rack *Rack // nil if it stands alone
	slot int   // in the rack

	dir      string // all its files; empty before there are any
	socket   string
	first    *first // nil while it is off
	link     outside.Link
	linked   bool // the link's device is ours
	noWayOut error
	registry *http.Server
	serving  chan struct{} // closed when the registry has ended
}

// New returns an engine that does not exist yet. Stop may be called from now on.
func New(options Options) *Engine { return &Engine{options: options} }

// Host is its address as DOCKER_HOST has it.
func (e *Engine) Host() string { return "unix://" + e.socket }

// Address is where its published ports are reached from here.
func (e *Engine) Address() string { return e.address().String() }

func (e *Engine) address() netip.Addr {
	if e.rack != nil {
		return e.rack.link.Node(e.slot)
	}
	return e.link.Far()
}

// Registry is the registry's address, seen from the engine.
func (e *Engine) Registry() string { return registryAddress }

// NoWayOut says why it cannot reach the world, if so.
func (e *Engine) NoWayOut() error { return e.noWayOut }

func (e *Engine) data() string { return filepath.Join(e.dir, "data") }

// Log is the file with all that the daemon says.
func (e *Engine) Log() string { return filepath.Join(e.dir, "log") }

// registryAddress is the same in all engines, so that one name of an image is
// right for several that share a registry. Loopback: dockerd asks no certificate
// of it. The port is nobody's, and neither one of those that Docker or the
// kernel choose from, so that containers may publish 5000.
const registryAddress = "127.0.0.1:17420"

// name names its control groups, its rules and, by default, its host.
func (e *Engine) name() string { return filepath.Base(e.dir) }

func (e *Engine) hostname() string { return cmp.Or(e.options.Hostname, e.name()) }

// sbin is not on everybody's PATH.
const sbin = "/usr/local/sbin:/usr/sbin:/sbin"

// look finds a command in a list of directories.
func look(name, path string) (string, bool) {
	for _, dir := range filepath.SplitList(path) {
		if file, err := exec.LookPath(filepath.Join(dir, name)); err == nil && dir != "" {
			return file, true
		}
	}
	return "", false
}

// A LackError says that the machine lacks something that engines could do
// without.
type LackError struct {
	What string
	Err  error
}

func (e *LackError) Error() string { return e.What + ": " + e.Err.Error() }
func (e *LackError) Unwrap() error { return e.Err }
