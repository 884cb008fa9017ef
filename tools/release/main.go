// SPDX-License-Identifier: Apache-2.0

// Command release builds the command for each system that it is released for, and writes an
// archive for each, with the licences of all that is linked, and SHA256SUMS. The same
// checkout with the same Go makes the same bytes. It fails if a linked module has no
// licence, or one that is not accepted.
//
//	release [-o DIR] [-targets linux/amd64,...]
//	release -licences
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/licensecheck"
)

const command = "github.com/seatrial/seatrial/cmd/seatrial"

var targets = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

// accepted are licences that allow distribution in a binary under ours.
var accepted = []string{"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0"}

func main() {
	root := flag.String("root", "../..", "the checkout")
	out := flag.String("o", "../../dist", "where the archives go")
	only := flag.String("targets", strings.Join(targets, ","), "what to build for")
	check := flag.Bool("licences", false, "check the licences alone")
	flag.Parse()
	if err := run(*root, *out, strings.Split(*only, ","), *check); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(root, out string, targets []string, licencesOnly bool) error {
	texts, err := licencesOf(root, targets)
	if err != nil || licencesOnly {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	version, when, err := describe(root)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, target := range targets {
		name, err := archive(root, out, version, target, when, texts)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
		fmt.Println(filepath.Join(out, name))
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// describe returns the version of the checkout, and the time of its commit.
func describe(root string) (version string, when time.Time, err error) {
	tag, err := output(root, nil, "git", "describe", "--tags", "--always", "--dirty")
	if err != nil {
		return "", when, err
	}
	stamp, err := output(root, nil, "git", "log", "-1", "--format=%cI")
	if err != nil {
		return "", when, err
	}
	when, err = time.Parse(time.RFC3339, stamp)
	return strings.TrimPrefix(tag, "v"), when.UTC(), err
}

// A module is a linked module, with its licence files.
type module struct {
	Path, Version, Dir string
}

// licencesOf returns the texts of all licences of modules that are linked on any of the
// targets.
func licencesOf(root string, targets []string) ([]byte, error) {
	linked := map[string]module{}
	for _, target := range targets {
		list, err := output(root, environ(target), "go", "list", "-deps", "-json=Module", command)
		if err != nil {
			return nil, err
		}
		for d := json.NewDecoder(strings.NewReader(list)); ; {
			var p struct{ Module *module }
			if err := d.Decode(&p); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			if m := p.Module; m != nil && m.Version != "" { // our own module has no version
				linked[m.Path] = *m
			}
		}
	}
	goroot, err := output(root, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	linked["Go"] = module{Path: "Go", Dir: goroot}
	var texts bytes.Buffer
	var wrong []error
	for _, m := range slices.SortedFunc(maps.Values(linked), func(a, b module) int { return cmp.Compare(a.Path, b.Path) }) {
		if err := m.licence(&texts); err != nil {
			wrong = append(wrong, fmt.Errorf("%s %s: %w", m.Path, m.Version, err))
		}
	}
	return texts.Bytes(), errors.Join(wrong...)
}

var (
	// told matches files that are distributed with a binary; of these, licences are
	// checked. Patents files only add rights, and .docs is about documentation.
	told     = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)
	licences = regexp.MustCompile(`(?i)^(licen[cs]e|copying)`)
)

// licence writes the module's licence files, and returns an error if its licence is not
// accepted.
func (m module) licence(to io.Writer) error {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return err
	}
	var found, refused []string
	for _, e := range entries {
		if e.IsDir() || !told.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".docs") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(to, "==== %s %s: %s\n\n%s\n", m.Path, m.Version, e.Name(), text)
		if !licences.MatchString(e.Name()) {
			continue
		}
		for _, match := range licensecheck.Scan(text).Match {
			found = append(found, match.ID)
			if !slices.Contains(accepted, match.ID) && !match.IsURL {
				refused = append(refused, match.ID)
			}
		}
	}
	switch {
	case len(found) == 0:
		return errors.New("it has no licence that is known")
	case len(refused) > 0:
		return fmt.Errorf("its licence is %s; accepted are %s", strings.Join(refused, " and "), strings.Join(accepted, ", "))
	}
	return nil
}

// archive builds the command for a target, and packs it with the files that must
// accompany it.
func archive(root, out, version, target string, when time.Time, licences []byte) (string, error) {
	system, machine, ok := strings.Cut(target, "/")
	if !ok {
		return "", errors.New("a target is a system and a machine: linux/amd64")
	}
	temp, err := os.MkdirTemp("", "release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	program := "seatrial"
	if system == "windows" {
		program += ".exe"
	}
	path := filepath.Join(temp, program)
	if _, err := output(root, environ(target), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, command); err != nil {
		return "", err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	files := []packed{{program, 0o755, binary}, {"THIRD_PARTY_LICENCES.txt", 0o644, licences}}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", err
		}
		files = append(files, packed{name, 0o644, content})
	}
	name := fmt.Sprintf("seatrial_%s_%s_%s", version, system, machine)
	pack, suffix := packTar, ".tar.gz"
	if system == "windows" {
		pack, suffix = packZip, ".zip"
	}
	content, err := pack(name, when, files)
	if err != nil {
		return "", err
	}
	return name + suffix, os.WriteFile(filepath.Join(out, name+suffix), content, 0o644)
}

// packed is a file of an archive.
type packed struct {
	name    string
	mode    fs.FileMode
	content []byte
}

func packTar(dir string, when time.Time, files []packed) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: dir + "/" + f.name, Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: when}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := errors.Join(w.Close(), z.Close())
	return b.Bytes(), err
}

func packZip(dir string, when time.Time, files []packed) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: dir + "/" + f.name, Method: zip.Deflate, Modified: when}
		h.SetMode(f.mode)
		to, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func environ(target string) []string {
	system, machine, _ := strings.Cut(target, "/")
	return append(os.Environ(), "GOOS="+system, "GOARCH="+machine, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
}

// output runs a command in the checkout and returns what it printed.
func output(root string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = root, env, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), err
}
