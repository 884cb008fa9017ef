// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// mountReader lists the paths of the machine that containers mount.
type mountReader struct {
	*document

	// settled are the mounts about which the spec says what to do, by path.
	settled map[string]bool
	// near are the real paths of mounts that isNear takes for the project's; nil until
	// somebody asks.
	near []string
}

// mount is a path of the machine that a container mounts: by itself, or by way
// of a volume that is nothing else.
type mount struct {
	c  container
	at modeltree.Path // services.web.volumes[0]
	// where the path stands in the model.
	where  modeltree.Path
	from   spot
	source string
	target string
	// written is what the files have, before it was made absolute.
	written  string
	readOnly bool
	// mustExist is create_host_path: false.
	mustExist bool
}

// mounts returns every path that a container mounts.
func (m *mountReader) mounts() []mount {
	var all []mount
	for _, c := range m.containers() {
		for i, v := range modeltree.List(c.body, "volumes") {
			at := c.at.Join("volumes", i)
			b := mount{c: c, at: at, target: modeltree.Str(v, "target"), readOnly: modeltree.Truth(v, "read_only")}
			switch modeltree.Str(v, "type") {
			case "bind", "npipe":
				b.source, b.where = modeltree.Str(v, "source"), at.Join("source")
				b.from, b.written = m.mountSpot(c, b.target)
				b.mustExist = modeltree.Mapping(v, "bind")["create_host_path"] == false
			case "volume":
				volume := modeltree.Mapping(modeltree.Mapping(m.tree, "volumes"), modeltree.Str(v, "source"))
				opts := modeltree.Mapping(volume, "driver_opts")
				o := bindOptions(opts)
				if o == nil {
					continue
				}
				b.where = modeltree.Path{"volumes", modeltree.Str(v, "source"), "driver_opts", "device"}
				b.readOnly = b.readOnly || slices.Contains(o, "ro")
				b.written = modeltree.Str(opts, "device")
				b.source, b.from = absolute(m.in.dir, b.written), m.src.find(b.where)
				if b.from.l != nil && b.from.n != nil {
					b.written = b.from.l.interpolate(b.from.n.Value)
				}
			default:
				continue
			}
			if b.written == "" {
				b.written = b.source
			}
			if filepath.IsAbs(b.source) { // as an engine takes it: ${PWD}/../data and ../data are one
				b.source = filepath.Clean(b.source)
			}
			all = append(all, b)
		}
	}
	return all
}

// bindOptions returns the options of a volume that is a path of the machine, nil
// if it is none.
func bindOptions(opts map[string]any) []string {
	o := strings.Split(strings.ToLower(fmt.Sprint(opts["o"])), ",")
	for i := range o {
		o[i] = strings.TrimSpace(o[i])
	}
	if !slices.Contains(o, "bind") && !slices.Contains(o, "rbind") {
		return nil
	}
	return o
}

// mountSpot finds where a mount was written, and its source there.
func (m *mountReader) mountSpot(c container, target string) (at spot, written string) {
	at = m.src.item(c.at.Join("volumes"), "source", func(item any) bool {
		source, t := "", ""
		if long, ok := item.(map[string]any); ok {
			source, t = modeltree.Str(long, "source"), modeltree.Str(long, "target")
		} else if short, err := format.ParseVolume(fmt.Sprint(item)); err == nil {
			source, t = short.Source, short.Target
		}
		if filepath.Clean(t) != filepath.Clean(target) {
			return false
		}
		written = source
		return true
	})
	return at, written
}

// shown is how messages name the path.
func (b mount) shown(m interface{ pathShown(string) string }) string {
	if strings.HasPrefix(b.written, "~") {
		return b.written
	}
	return m.pathShown(b.source)
}

// unsettled are the mounts about which the spec says nothing.
func (m *mountReader) unsettled() []mount {
	var all []mount
	for _, b := range m.mounts() {
		if !m.settled[b.at.String()] {
			all = append(all, b)
		}
	}
	return all
}
