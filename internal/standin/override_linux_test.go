// SPDX-License-Identifier: Apache-2.0

package standin

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor"
)

const image = "standin:latest"

// A stage is one project as docker compose config prints it, to be started
// with the stand-in.
type stage struct {
	model map[string]any
	work  string // a directory with all that its containers may see of the machine
}

// placeBound are the keys of a service that tie it to a machine, or need what a
// stand-in has not. Nothing that keeps copies apart, or does not, is among them.
var placeBound = []string{
	"build", "user", "working_dir", "group_add", "platform", "runtime", "isolation", "init", "logging", "devices", "gpus",
	"device_cgroup_rules", "credential_spec", "security_opt", "sysctls", "ulimits", "storage_opt", "cgroup", "cgroup_parent",
	"userns_mode", "blkio_config", "cpuset", "cpus", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period",
	"cpu_rt_runtime", "cpu_shares", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "pids_limit",
	"oom_score_adj", "oom_kill_disable", "post_start", "pre_stop", "models", "develop", "stop_signal", "label_file",
}

// shared are files that everybody reads and nobody writes, though they are mounted
// read-write.
var shared = []string{"/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/hostname", "/etc/resolv.conf"}

// jobs returns the services that others wait for until they have ended.
func (s *stage) jobs() map[string]bool {
	all := map[string]bool{}
	for _, service := range object(s.model["services"]) {
		for name, d := range object(object(service)["depends_on"]) {
			if object(d)["condition"] == "service_completed_successfully" {
				all[name] = true
			}
		}
	}
	return all
}

// names returns all by which a container of the project may be called.
func (s *stage) names() []string {
	var all []string
	for name, service := range object(s.model["services"]) {
		all = append(all, name)
		if name, ok := object(service)["container_name"].(string); ok {
			all = append(all, name)
		}
		for _, n := range object(object(service)["networks"]) {
			for _, alias := range array(object(n)["aliases"]) {
				all = append(all, fmt.Sprint(alias))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// override returns the Compose file that puts the stand-in in every place, and
// copies where a plan wants them. It must be the last.
func (s *stage) override(id, control string, names []string, copies []tailor.Copy) (string, error) {
	var b strings.Builder
	jobs := s.jobs()
	given, err := s.copies(id, copies)
	if err != nil {
		return "", err
	}
	b.WriteString("services:\n")
	services := object(s.model["services"])
	for _, name := range slices.Sorted(maps.Keys(services)) {
		service := object(services[name])
		fmt.Fprintf(&b, "  %s:\n", literal(name))
		set := func(key, tag string, value any) { fmt.Fprintf(&b, "    %s: %s%s\n", key, tag, literal(value)) }
		set("image", "", image)
		set("pull_policy", "", "never")
		set("entrypoint", "!override ", []string{"/standin"})
		set("command", "!override ", []string{"run"})
		for _, key := range placeBound {
			if service[key] != nil {
				b.WriteString("    " + key + ": !reset null\n")
			}
		}
		if object(service["deploy"])["resources"] != nil {
			b.WriteString("    deploy: {resources: !reset null}\n")
		}
		if service["healthcheck"] != nil || s.awaited(name) {
			set("healthcheck", "!override ", map[string]any{"test": []string{"CMD", "/standin", "-healthy"},
				"start_period": "1m", "start_interval": "1s", "interval": "1h", "timeout": "1m"})
		}
		if jobs[name] {
			set("restart", "", "no")
		}
		order, err := json.Marshal(map[string]any{"Copy": id, "Service": name, "Ends": jobs[name], "Ports": ports(service), "Names": names})
		if err != nil {
			return "", err
		}
		set("environment", "", map[string]any{"STANDIN": string(order)})
		volumes := []any{map[string]any{"type": "bind", "source": control, "target": "/standin-control"}}
		for _, v := range array(service["volumes"]) {
			v, err := s.mount(object(v), given[name])
			if err != nil {
				return "", err
			}
			volumes = append(volumes, v)
		}
		set("volumes", "!override ", volumes)
	}
	err = s.resources(&b)
	return b.String(), err
}

// awaited tells whether a service waits for this one's health.
func (s *stage) awaited(name string) bool {
	for _, service := range object(s.model["services"]) {
		if object(object(object(service)["depends_on"])[name])["condition"] == "service_healthy" {
			return true
		}
	}
	return false
}

// ports are those in the container that the file names.
func ports(service map[string]any) []string {
	var all []string
	for _, p := range array(service["ports"]) {
		all = append(all, fmt.Sprintf("%v/%v", object(p)["target"], object(p)["protocol"]))
	}
	for _, e := range array(service["expose"]) {
		port := fmt.Sprint(e)
		if !strings.Contains(port, "/") {
			port += "/tcp"
		}
		if !strings.Contains(port, "-") {
			all = append(all, port)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mount returns a mount of the service as it is to be: what a plan copies is the
// copy, and other paths of this machine are looked for in the work directory.
func (s *stage) mount(v map[string]any, given map[string]string) (map[string]any, error) {
	v = maps.Clone(v)
	if v["type"] != "bind" {
		return v, nil
	}
	source, _ := v["source"].(string)
	if own, ok := given[filepath.Clean(fmt.Sprint(v["target"]))]; ok {
		v["source"] = own
		return v, nil
	}
	if slices.Contains(shared, source) {
		v["read_only"] = true
	}
	own, err := s.inside(source)
	v["source"] = own
	if create := object(v["bind"])["create_host_path"]; err == nil && create == false {
		err = os.MkdirAll(own, 0o777)
	}
	return v, err
}

// inside returns the path, if it is in the work directory, or else one in it that
// stands for the path, and is a file if that is one.
func (s *stage) inside(path string) (string, error) {
	if rel, err := filepath.Rel(s.work, path); err == nil && filepath.IsLocal(rel) {
		return path, nil
	}
	own := filepath.Join(s.work, "machine", path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return own, touch(own)
	}
	return own, os.MkdirAll(own, 0o777)
}

// touch makes an empty file, if there is nothing of that name.
func touch(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDONLY, 0o666)
	if err == nil {
		err = f.Close()
	}
	return err
}

// copies makes the copies of a plan, and returns them by service and target.
// Mounts of one source share one, and one inside of another belongs into that.
func (s *stage) copies(id string, wanted []tailor.Copy) (map[string]map[string]string, error) {
	sources := map[string]string{}
	for i, c := range slices.SortedFunc(slices.Values(wanted), func(a, b tailor.Copy) int { return strings.Compare(a.Source, b.Source) }) {
		for of, to := range sources {
			if rel, err := filepath.Rel(of, c.Source); err == nil && filepath.IsLocal(rel) {
				sources[c.Source] = filepath.Join(to, rel)
			}
		}
		to := sources[c.Source]
		if to == "" {
			to = filepath.Join(s.work, id, fmt.Sprint("copy-", i+1))
			sources[c.Source] = to
		}
		if err := copyAll(c.Source, to); err != nil {
			return nil, err
		}
	}
	given := map[string]map[string]string{}
	for _, c := range wanted {
		if given[c.Service] == nil {
			given[c.Service] = map[string]string{}
		}
		given[c.Service][filepath.Clean(c.Target)] = sources[c.Source]
	}
	return given, nil
}

// copyAll copies a file, or a directory with all that is regular in it. What is
// not there is an empty directory.
func copyAll(from, to string) error {
	if info, err := os.Stat(from); err == nil && !info.IsDir() {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o777)
		}
		if err == nil {
			err = os.WriteFile(to, content, 0o666)
		}
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, name)
		switch {
		case err != nil && name == from:
			return nil
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case d.Type().IsRegular():
			content, err := os.ReadFile(name)
			if err == nil {
				err = os.WriteFile(filepath.Join(to, rel), content, 0o666)
			}
			return err
		}
		return nil
	})
}

// resources keeps secrets, configs and volumes on what there is: missing files
// are empty, and volumes of foreign drivers are the engine's own.
func (s *stage) resources(b *strings.Builder) error {
	for _, kind := range []string{"secrets", "configs"} {
		var lines []string
		for name, r := range object(s.model[kind]) {
			file, _ := object(r)["file"].(string)
			if file == "" {
				continue
			}
			own, err := s.inside(file)
			if info, statErr := os.Stat(own); err == nil && (statErr != nil || own != file && info.IsDir()) {
				_ = os.Remove(own)
				err = touch(own)
			}
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("  %s: {file: %s}\n", literal(name), literal(own)))
		}
		if len(lines) > 0 {
			b.WriteString(kind + ":\n" + strings.Join(lines, ""))
		}
	}
	var lines []string
	for name, r := range object(s.model["volumes"]) {
		v := object(r)
		driver, opts := v["driver"], object(v["driver_opts"])
		device, _ := opts["device"].(string)
		switch {
		case v["external"] == true:
		case driver != nil && driver != "local" || opts["type"] == "nfs" || opts["type"] == "cifs":
			lines = append(lines, fmt.Sprintf("  %s: {driver: !reset null, driver_opts: !reset null}\n", literal(name)))
		case filepath.IsAbs(device):
			own, err := s.inside(device)
			if err == nil {
				err = os.MkdirAll(own, 0o777)
			}
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("  %s: {driver_opts: {device: %s}}\n", literal(name), literal(own)))
		}
	}
	if len(lines) > 0 {
		b.WriteString("volumes:\n" + strings.Join(lines, ""))
	}
	return nil
}

// literal is a value in JSON, in which Compose finds no variables.
func literal(value any) string {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // it came from JSON
	}
	return strings.ReplaceAll(string(content), "$", "$$")
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func array(v any) []any {
	a, _ := v.([]any)
	return a
}
