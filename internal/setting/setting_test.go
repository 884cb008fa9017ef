// SPDX-License-Identifier: Apache-2.0

package setting

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// What engines say of settings, and the line of the file that is meant: that with "# here", or
// none.
func TestIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ message, service string }{
		{"unknown or invalid runtime name: none", "runtime: none # here\ntty: true\nuser: none"},
		{`error gathering device information while adding custom device "/dev/nope": no such file or directory`,
			"working_dir: /dev\ndevices:\n- /dev/null\n- /dev/nope:/dev/nope # here"},
		{`could not select device driver "nvidia" with capabilities: [[gpu]]`,
			"cap_add: [ALL]\ndevices: [/dev/null]\ndeploy:\n  resources:\n    reservations:\n      devices:\n      - driver: nvidia # here\n        count: 1\n        capabilities: [gpu]"},
		{`invalid CapAdd: unknown capability: "CAP_NET_NOPE"`, "cap_drop: [ALL]\ncap_add:\n- NET_ADMIN\n- NET_NOPE # here"},
		{"Minimum memory limit allowed is 6MB", "mem_reservation: 1m\nmem_limit: 4m # here\nmem_swappiness: 1"},
		{"Minimum memory limit allowed is 6MB", "deploy:\n  resources:\n    limits:\n      cpus: '1'\n      memory: 4m # here"},
		{"range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "cpu_shares: 5\ncpus: 64 # here"},
		{"Requested CPUs are not available - requested 0-99, available: 0-1", "cpus: 1\ncpuset: 0-99 # here"},
		{"failed to initialize logging driver: logger: no log driver named 'nope' is registered", "logging:\n  driver: nope # here\n  options: {a: b}"},
		{"unknown log opt 'max-nope' for json-file log driver", "logging:\n  driver: json-file\n  options:\n    max-file: '3'\n    max-nope: '1' # here"},
		{"unable to find user nosuch: no matching entries in passwd file", "user: nosuch # here\ngroup_add: [wheel]"},
		{"the working directory 'srv' is invalid, it needs to be an absolute path", "working_dir: srv # here"},
		{"invalid signal: SIGNOPE", "stop_signal: SIGNOPE # here"},
		{`error during container init: open /proc/sys/net/core/nope: no such file or directory`, "sysctls:\n  net.core.somaxconn: 1\n  net.core.nope: 2 # here"},
		{"error setting rlimit type 7: operation not permitted", "ulimits:\n  nofile: 99999999 # here"},
		{"invalid mount config for type \"bind\": bind source path does not exist: /srv/nope", "volumes:\n- type: bind\n  source: /srv/nope # here\n  target: /data"},
		{`exec: "/no/such": stat /no/such: no such file or directory`, "command: [serve]\nentrypoint: [/no/such] # here"},
		{"Interval in Healthcheck cannot be less than 1ms", "healthcheck:\n  test: [CMD, /probe]\n  interval: 1us # here"},
		// What none of the settings has caused.
		{"mkdir /data: no such file or directory", "command: [index, directory]"},
		{"no space left on device", "devices: [/dev/null]\nvolumes: [data:/data]"},
		{"user specified IP address is supported only when connecting to networks with user configured subnets", "user: nobody\nhostname: db"},
		{"mkdir /var/lib/docker/overlay2: permission denied", "read_only: true\ntmpfs: /run"},
		{"Conflict. The container name is already in use", "environment: {CONFLICT: container}\nlabels: {stage: container}"},
		{"driver failed: options are wrong", "user: nobody\nlogging:\n  driver: local\n  options: {max-size: 10m}"},
		{"address 10.9.9.9 is taken", "command: [serve, 10.9.9.9]\nentrypoint: [/serve, 10.9.9.9]"},
	} {
		text := "services:\n  web:\n    image: localhost/none\n    " + strings.ReplaceAll(c.service, "\n", "\n    ") + "\n"
		if strings.Contains(text, "data:/data") {
			text += "volumes: {data: {}}\n"
		}
		want := 0
		for i, line := range strings.Split(text, "\n") {
			if strings.HasSuffix(line, "# here") {
				want = i + 1
			}
		}
		file := filepath.Join(t.TempDir(), "compose.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		plan, err := tailor.Compose(t.Context(), spec.Project{Files: []string{file}, Allow: []string{"/srv/nope", "/dev/nope"}}, tailor.Options{})
		if plan == nil {
			t.Errorf("%s: %v", c.message, err)
			continue
		}
		found, ok := In(c.message, plan.Settings("web"))
		if ok != (want > 0) || found.Line != want && ok {
			t.Errorf("%s\n%s: line %d (%s), %v, want line %d", c.message, text, found.Line, found.Path, ok, want)
		}
	}
}
