// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/child"
)

// Wrong use is told before an engine is asked. noengine.txtar has the like of it that is right.
func TestWrongUse(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "nothing")) // what is taken for right must not do it
	for _, test := range []struct {
		args string
		code int
		said string
	}{
		{`reset a b`, exitUsage, ``},
		{`reset -n a b`, exitUsage, ``},
		{`reset --timeout 0s`, exitUsage, ``},
		{`keep --for 1d a b`, exitUsage, ``},
		{`keep --for 1d -n a b`, exitUsage, `want one name`},
		{`keep a`, exitUsage, `want --for and a time`},
		{`keep --for 59s a`, exitUsage, ``},
		{`keep --for 721h a`, exitUsage, `--for "721h": want a time from 1m to 30d`},
		{`down --all a`, exitUsage, ``},
		{`down --gone a`, exitUsage, ``},
		{`down --all -n a`, exitUsage, ``},
		{`down --gone --all`, exitUsage, `use one of --all, --gone and names`},
		{`down -n a b`, exitUsage, ``},
		{`down --format json`, exitUsage, `--format json goes with --dry-run`},
		{`down --dry-run --format yaml`, exitUsage, ``},
		{`env x`, exitUsage, `a FILE goes with --write`},
		{`env --force`, exitUsage, ``},
		{`env --write a b`, exitUsage, ``},
		{`env --env-prefix 1`, exitUsage, ``},
		{`port`, exitUsage, ``},
		{`url`, exitUsage, ``},
		{`port web 80 81`, exitUsage, `want SERVICE and perhaps PORT, not 3 arguments`},
		{`port --index 0 web`, exitUsage, ``},
		{`port --protocol icmp web`, exitUsage, ``},
		{`port web 80/icmp`, exitUsage, ``},
		{`port --format yaml web`, exitUsage, ``},
		{`ps x`, exitUsage, ``},
		{`ps --format yaml`, exitUsage, ``},
		{`ls --format yaml`, exitUsage, ``},
		{`logs --tail -1`, exitUsage, ``},
		{`logs --index 0`, exitUsage, ``},
		{`exec web`, exitUsage, ``},
		{`compose`, exitUsage, ``},
		{`compose -- -p x ps`, exitUsage, ``},
		{`compose -- --verbose --project-name=x ps`, exitUsage, `--project-name: the project is that of the environment`},
		{`wait`, exitUsage, ``},
		{`wait --timeout 0s web`, exitUsage, ``},
		{`wait --index -1 web`, exitUsage, ``},
		{`wait --http x web`, exitUsage, ``},
		{`wait web worker`, exitUsage, `want one SERVICE, not 2`},
		{`wait web --sql postgres://db/x 'SELECT 1'`, exitUsage, `--sql 'URL STATEMENT'`},
		{`wait web --log (`, exitUsage, ``},
		{`wait web --exec ''`, exitUsage, ``},
		{`wait web --listening x`, exitUsage, ``},
		{`exec --index x web true`, exitUsage, ``},
		{`scale worker`, exitUsage, `want SERVICE=NUMBER`},
		{`start --wait`, exitUsage, `start always waits`},
		{`once --timeout 0s web`, exitUsage, ``},
		{`once -e A web`, exitUsage, ``},
		{`once -e =b web`, exitUsage, ``},
		{`commit a b`, exitUsage, ``},
		{`commit --index 0 web`, exitUsage, ``},
		{`cp a b`, exitUsage, ``},
		{`cp web:/a web:/b`, exitUsage, ``},
		{`cp --index -1 a web:/b`, exitUsage, ``},
		{`cp a`, exitUsage, ``},
		{`secret`, exitUsage, ``},
		{`secret a b`, exitUsage, ``},
		{`secret --format yaml a`, exitUsage, ``},
		{`kill`, exitUsage, ``},
		{`pause`, exitUsage, ``},
		{`unpause`, exitUsage, ``},
		{`scale`, exitUsage, `want a SERVICE`},
		{`scale web=1 =2`, exitUsage, ``},
		{`scale web=-1`, exitUsage, ``},
		{`stop --timeout 0s`, exitUsage, ``},
		{`update x`, exitUsage, ``},
		{`update --timeout 0s`, exitUsage, ``},
		{`up --wait --no-wait`, exitUsage, ``},
		{`up --format text`, exitUsage, ``},
		{`up -n A`, exitUsage, ``},
		{`up --for 31d`, exitUsage, ``},
		{`up --stack`, exitUsage, ``},
		{`up --mounts keep -c stack.yaml`, exitUsage, `--mounts keep is not for stacks`},
		{`up -c stack.yaml web`, exitUsage, `service "web": a stack is deployed as a whole`},
		{`up --env =x`, exitUsage, ``},
		{`up --port-references some`, exitUsage, ``},
		{`up --keep-port 0`, exitUsage, ``},
		{`up --keep-port 65536`, exitUsage, ``},
		{`up --publish web`, exitUsage, ``},
		{`up --publish web=0`, exitUsage, ``},
		{`tailor --image x`, exitUsage, `want NAME=VALUE`},
		{`tailor --image =x`, exitUsage, `want NAME=VALUE`},
		{`hlep`, exitUsage, `did you mean help?`},
		{`ls --all`, exitUsage, `seatrial ls: unknown flag: --all, which docker compose ls has: all are always listed`},
		{`run`, exitUsage, ``},
		{`run -- ''`, exitUsage, ``},
		{`run --timeout 0s -- true`, exitUsage, ``},
		{`run --grace 0s -- true`, exitUsage, ``},
		{`run --keep some -- true`, exitUsage, ``},
		{`run --env-prefix 1 -- true`, exitUsage, ``},
		{`run --ready web -- true`, exitUsage, ``},
		{`run -e A -- true`, exitUsage, ``},
		{`run -e =b -- true`, exitUsage, ``},
		{`run --shared --keep failed -- true`, exitUsage, ``},
		{`run --shared --env-file x -- true`, exitUsage, ``},
		{`run --compose-env --env-file x -- true`, exitUsage, ``},
		{`run --compose-env -c stack.yaml -- true`, exitUsage, ``},
		{`run --in x --mounts keep -- true`, exitUsage, `--in and --mounts exclude each other: the environment is there`},
		{`run --in x --shared -- true`, exitUsage, ``},
		{`run -- no-such-command`, child.CodeNotFound, `executable file not found`},
		{`run -- ./main_test.go`, child.CodeUnrunnable, ``},
		{`gc x`, exitUsage, ``},
		{`gc --format yaml`, exitUsage, `unknown format "yaml": want text or json`},
		{`gc --run abc`, exitUsage, `it has eight characters`},
		{`gc --images --all`, exitUsage, ``},
		{`gc --images --yes`, exitUsage, ``},
		{`gc --images --run aaaaaaaa`, exitUsage, ``},
		{`gc --older 5d`, exitUsage, ``},
		{`gc --images --older soon`, exitUsage, ``},
		{`gc --images --older -1h`, exitUsage, ``},
		{`gc --yes`, exitUsage, ``},
		{`gc --all --run aaaaaaaa`, exitUsage, ``},
		{`gc --all`, exitUsage, `say --yes, or --dry-run to see it`},
	} {
		args := strings.Fields(test.args)
		for i, arg := range args {
			args[i] = strings.Trim(arg, "'") // it may be empty
		}
		var out, said strings.Builder
		code := run(t.Context(), args, []string{"HOME=" + t.TempDir()}, strings.NewReader(""), &out, &said)
		if code != test.code || !strings.Contains(said.String(), test.said) || code == exitUsage && !strings.Contains(said.String(), "\nhint: seatrial help") || out.Len() > 0 {
			t.Errorf("seatrial %s exits with %d, want %d, and says, beside %q,\n%s\nwant %q", test.args, code, test.code, out.String(), said.String(), test.said)
		}
	}
}
