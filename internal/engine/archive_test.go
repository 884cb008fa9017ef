// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArchive(t *testing.T) {
	dir := shortDir(t)
	write(t, dir+"/run.sh", "echo")
	write(t, dir+"/below/data", "12345")
	for path, mode := range map[string]os.FileMode{dir: 0o750, dir + "/run.sh": 0o755, dir + "/below": 0o700} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/hostname", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()

	want := map[string]string{"to/": "drwxr-x---", "to/below/": "drwx------", "to/below/data": "-rw------- 12345", "to/link": "Lrwxrwxrwx /etc/hostname", "to/run.sh": "-rwxr-xr-x echo"}
	if diff := cmp.Diff(want, entries(t, dir)); diff != "" {
		t.Errorf("archive of a directory (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"to/run.sh": "-rwxr-xr-x echo"}, entries(t, filepath.Join(dir, "run.sh"))); diff != "" {
		t.Errorf("archive of a file (-want +got):\n%s", diff)
	}
	r := archive(dir+"/none", "to")
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("archive of nothing: %v", err)
	}
}

// entries lists an archive: mode, and content or where a link leads.
func entries(t *testing.T, path string) map[string]string {
	t.Helper()
	content := archive(path, "to")
	defer content.Close()
	found := map[string]string{}
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		about := header.FileInfo().Mode().String()
		if more := string(text) + header.Linkname; more != "" {
			about += " " + more
		}
		found[header.Name] = about
	}
}
