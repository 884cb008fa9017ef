// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Volumes are those of a Fake that keeps some: it makes, lists and removes them as an engine
// does, since leases and records are volumes.
type Volumes struct {
	mu     sync.Mutex
	labels map[string]map[string]string // by name
}

// KeepVolumes has the fake keep volumes.
func (f *Fake) KeepVolumes() *Volumes {
	v := &Volumes{labels: map[string]map[string]string{}}
	f.Handle("/volumes", v.list)
	f.Handle("/volumes/create", v.create)
	f.Handle("/volumes/", v.remove)
	return v
}

// Add makes a volume.
func (v *Volumes) Add(name string, labels map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.labels[name] = labels
}

// Names returns the names of those that there are.
func (v *Volumes) Names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Sorted(maps.Keys(v.labels))
}

func (v *Volumes) create(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Name   string
		Labels map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, `{"message":"no volume can be read"}`, http.StatusBadRequest)
		return
	}
	v.Add(asked.Name, asked.Labels)
	writeJSON(w, asked)
}

func (v *Volumes) list(w http.ResponseWriter, r *http.Request) {
	var filters struct {
		Label map[string]bool
	}
	_ = json.Unmarshal([]byte(r.URL.Query().Get("filters")), &filters) // there may be none
	v.mu.Lock()
	defer v.mu.Unlock()
	all := []any{}
	for name, labels := range v.labels {
		if hasLabels(labels, filters.Label) {
			all = append(all, map[string]any{"Name": name, "Labels": labels})
		}
	}
	writeJSON(w, map[string]any{"Volumes": all})
}

// hasLabels reports whether labels have what a filter wants: KEY or KEY=VALUE.
func hasLabels(labels map[string]string, wanted map[string]bool) bool {
	for one := range wanted {
		key, value, valued := strings.Cut(one, "=")
		if is, has := labels[key]; !has || valued && is != value {
			return false
		}
	}
	return true
}

func (v *Volumes) remove(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	name := path.Base(r.URL.Path)
	if _, has := v.labels[name]; !has || r.Method != http.MethodDelete {
		http.Error(w, `{"message":"no such volume"}`, http.StatusNotFound)
		return
	}
	delete(v.labels, name)
	w.WriteHeader(http.StatusNoContent)
}
