// SPDX-License-Identifier: Apache-2.0

package denied_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/internal/denied"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	c := denied.Container{User: "1000", ReadOnly: true, Mounts: []denied.Mount{
		{Target: "/data", What: "a volume"}, {Target: "/data/conf", What: "/src/conf", ReadOnly: true},
	}}
	whose := func(path string) (denied.Owner, error) {
		if path != "/data" {
			return denied.Owner{}, fs.ErrNotExist
		}
		return denied.Owner{UID: 0, GID: 0, Mode: fs.ModeDir | 0o755}, nil
	}
	const volume = "/data, on a volume, belongs to 0:0 (mode 0755), and the container runs as user 1000"
	for line, want := range map[string]string{
		"open /data/shop.db: permission denied":                                 volume,
		"mkdir: can't create directory '/data/a/b': Permission denied":          volume,
		"PermissionError: [Errno 13] Permission denied: '/data/shop.db'":        volume,
		"Error: EACCES: permission denied, open '/data/shop.db'":                volume,
		"java.io.FileNotFoundException: /data/shop.db (Permission denied)":      volume,
		`could not open file "/data/global/pg_filenode.map": Permission denied`: volume,
		"open /data/conf/x: read-only file system":                              "/data/conf is mounted read-only",
		"open /etc/x: read-only file system":                                    "the container's own files are read-only (read_only)",
		"open /data/x: read-only file system":                                   "",
		"open /etc/x: permission denied":                                        "",
		"open /database/x: permission denied":                                   "",
		"open /data/x: no such file or directory":                               "",
		"bind: permission denied":                                               "",
	} {
		for range 2 { // whatever the order of mounts
			if got := denied.Why(line, c, whose); got != want {
				t.Errorf("%s: %q, want %q", line, got, want)
			}
			slices.Reverse(c.Mounts)
		}
	}
}
