// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// TB is what this package needs of *testing.T. Outside _test.go nothing imports
// package testing.
type TB interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Skip(...any)
	TempDir() string
	Cleanup(func())
}

// Need skips the test if no engine answers, or fails it if SEATRIAL_REQUIRE=1:
// so a green CI is never an empty one.
func Need(t TB) {
	t.Helper()
	if err := answers(); err != nil {
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatal("a Docker engine is required: ", err)
		}
		t.Skip("needs a Docker engine: ", err)
	}
}

var answers = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput()
	if err != nil {
		return fmt.Errorf("docker version: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
})

// ProbeContext returns a directory to build the probe's image from: the program,
// and a Dockerfile FROM scratch with it as its entrypoint. SEATRIAL_PROBE may
// name a program that was compiled before.
func ProbeContext(t TB) string {
	t.Helper()
	content, err := os.ReadFile(probeProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "probe")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
		// The image's identity includes the modification time, and BuildKit does
		// not look at a file again whose size and time are those of last time.
		sum := sha256.Sum256(content)
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(binary.BigEndian.Uint32(sum[:])/4), 0)); err != nil {
			t.Fatal(err)
		}
	}
	write("probe", content, 0o755)
	write("Dockerfile", []byte(probeDockerfile), 0o644)
	return dir
}

// WriteProbeArchive writes the probe as the only file of a tar archive, to make
// an image of where nothing can be built.
func WriteProbeArchive(t TB, w io.Writer) error {
	t.Helper()
	content, err := os.ReadFile(probeProgram(t))
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	if err := archive.WriteHeader(&tar.Header{Name: "probe", Mode: 0o755, Size: int64(len(content))}); err != nil {
		return err
	}
	if _, err := archive.Write(content); err != nil {
		return err
	}
	return archive.Close()
}

// envProbe names a probe that was compiled before.
const envProbe = "SEATRIAL_PROBE"

// probeProgram returns the path of the compiled probe.
func probeProgram(t TB) string {
	t.Helper()
	if program := os.Getenv(envProbe); program != "" {
		return program
	}
	path, err := compileProbe()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const probeDockerfile = `FROM scratch
COPY probe /probe
ENTRYPOINT ["/probe"]
`

// SeatrialCommand returns the path of the compiled command seatrial.
func SeatrialCommand(t TB) string {
	t.Helper()
	path, err := compileCommand()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Linking a program takes seconds: each is compiled once per process.
var (
	compileProbe = sync.OnceValues(func() (string, error) {
		return compile("probe", "probe", []string{"-trimpath", "-ldflags=-s -w -buildid="}, "CGO_ENABLED=0", "GOOS=linux")
	})
	compileCommand = sync.OnceValues(func() (string, error) {
		return compile("seatrial", "../../cmd/seatrial", []string{"-ldflags=-s -w"})
	})
)

// compile compiles a package, whose directory is relative to this one, into a directory
// that the process leaves to the next.
func compile(name, dir string, flags []string, env ...string) (string, error) {
	_, here, _, _ := runtime.Caller(0)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	programs := filepath.Join(cache, "seatrial-test")
	if err := os.MkdirAll(programs, 0o700); err != nil {
		return "", err
	}
	// Packages are tested in parallel: each compiles under a name of its own.
	temp, err := os.MkdirTemp(programs, "compiling-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	cmd := exec.Command("go", slices.Concat([]string{"build"}, flags, []string{"-o", filepath.Join(temp, name), "."})...)
	cmd.Dir = filepath.Join(filepath.Dir(here), dir)
	cmd.Env = append(append(os.Environ(), "GOFLAGS=-buildvcs=false"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling %s: %w\n%s", name, err, out)
	}
	// Another checkout may have another one.
	sum := sha256.Sum256([]byte(here))
	path := filepath.Join(programs, fmt.Sprintf("%s-%x", name, sum[:4]))
	return path, os.Rename(filepath.Join(temp, name), path)
}
