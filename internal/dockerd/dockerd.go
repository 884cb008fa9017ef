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

// Options describe the engine.
type Options struct {
	Binary       string   // of dockerd; if empty, the one in PATH
	ClassicStore bool     // images in the graph driver's store, not in containerd's
	Args         []string // more for dockerd
	Run          string   // the run to which it belongs
	Hostname     string   // its host name; if empty, a unique one
}

// An Engine is a private engine. Its methods must not be called concurrently.
type Engine struct {
	options Options

	rack *Rack // nil if it is in no rack
	slot int   // in the rack

	dir      string // of all its files; empty before there are any
	socket   string
	first    *first // nil while it is off
	link     outside.Link
	linked   bool // the network device of the link belongs to this engine
	noWayOut error
	registry *http.Server
	serving  chan struct{} // closed when the registry has ended
}

// New returns an engine that does not exist yet. Stop may be called from now on.
func New(options Options) *Engine { return &Engine{options: options} }

// Host returns its address in the notation of DOCKER_HOST.
func (e *Engine) Host() string { return "unix://" + e.socket }

// Address returns the address at which its published ports are reached.
func (e *Engine) Address() string { return e.address().String() }

func (e *Engine) address() netip.Addr {
	if e.rack != nil {
		return e.rack.link.Node(e.slot)
	}
	return e.link.Far()
}

// Registry returns the registry's address inside the engine.
func (e *Engine) Registry() string { return registryAddress }

// NoWayOut returns why the engine cannot reach other networks, or nil if it can.
func (e *Engine) NoWayOut() error { return e.noWayOut }

func (e *Engine) data() string { return filepath.Join(e.dir, "data") }

// Log returns the path of the daemon's log.
func (e *Engine) Log() string { return filepath.Join(e.dir, "log") }

// registryAddress is the same in all engines, so that an image has one name on all
// that share a registry. It is on loopback, where dockerd requires no TLS. The port
// is unassigned, and outside of the ranges from which Docker and the kernel choose;
// 5000 is left for containers.
const registryAddress = "127.0.0.1:17420"

// name returns the name of its control groups, its rules and, by default, its host.
func (e *Engine) name() string { return filepath.Base(e.dir) }

func (e *Engine) hostname() string { return cmp.Or(e.options.Hostname, e.name()) }

// sbin has the directories that may be missing in a user's PATH.
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

// A LackError says that the machine lacks something that engines can do without.
type LackError struct {
	What string
	Err  error
}

func (e *LackError) Error() string { return e.What + ": " + e.Err.Error() }
func (e *LackError) Unwrap() error { return e.Err }
