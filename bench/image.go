// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/spec"
	"github.com/testcontainers/testcontainers-go"
)

const contextFiles = 20_000

func imageRows() []row {
	return []row{{
		name: "image", work: fmt.Sprintf("an image of a context of %d files of 1 KiB, once unchanged, and once with one file changed", contextFiles),
		aim: "≤ 0.08 unchanged, ≤ 1.05 changed",
		prepare: func(b *bed) ([]side, error) {
			n := 0
			both := func(dir string, build func() error) func() (sample, error) {
				return func() (sample, error) {
					if n++; n <= 3 { // the first builds have nothing to reuse
						if err := build(); err != nil {
							return nil, err
						}
					}
					began := time.Now()
					if err := build(); err != nil {
						return nil, err
					}
					unchanged := since(began)
					if err := os.WriteFile(filepath.Join(dir, "d7", "f7"), []byte(strconv.Itoa(n)+dir), 0o644); err != nil {
						return nil, err
					}
					began = time.Now()
					err := build()
					return sample{{"unchanged", unchanged}, {"one file changed", since(began)}}, err
				}
			}
			var dirs []string
			for _, who := range []string{"ours", "docker", "testcontainers"} {
				dir, err := b.bigContext(who)
				if err != nil {
					return nil, err
				}
				dirs = append(dirs, dir)
			}
			builders, err := b.builders()
			if err != nil {
				return nil, err
			}
			var sides []side
			for i, by := range builders {
				sides = append(sides, side{by.who, both(dirs[i], func() error { return by.build(b.ctx, dirs[i]) })})
			}
			return sides, nil
		},
	}, {
		name: "image-large", work: fmt.Sprintf("an image of a context of 1 GiB in %d files, once unchanged, and once with a small file changed, which has a layer of its own", largeFiles),
		aim:     "≤ 0.08 unchanged, ≤ 1.05 changed",
		prepare: prepareLarge,
	}, {
		name: "build-once", work: fmt.Sprintf("%d processes that want one image at once, which takes a second to build, until all have it", processes), aim: "1 build",
		unit:    "builds, ms",
		prepare: prepareBuildOnce,
	}}
}

// A builder builds an image of a context.
type builder struct {
	who   string
	build func(ctx context.Context, dir string) error
}

// builders returns those that are measured, ours first, and removes their images at the row's end.
func (b *bed) builders() ([]builder, error) {
	test := newLasting()
	b.tidys = append(b.tidys, removeImages, test.end)
	withoutReaper()
	return []builder{
		{"seatrial.Build", func(_ context.Context, dir string) error {
			return test.do(func(t *enginetest.Recorder) { seatrial.Build(t, spec.Image{Context: dir}) })
		}},
		{"docker build", func(ctx context.Context, dir string) error {
			_, err := output(exec.CommandContext(ctx, "docker", "build", "--quiet", "--tag", mark+"/docker", dir))
			return err
		}},
		{"testcontainers-go", func(ctx context.Context, dir string) error {
			return buildTestcontainers(ctx, dir, "testcontainers")
		}},
	}, nil
}

// buildTestcontainers builds by the classic builder: asked for BuildKit, testcontainers-go v0.45.0
// closes the connection on which it sends the context as soon as the engine begins to answer.
func buildTestcontainers(ctx context.Context, dir, name string) error {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return err
	}
	defer provider.Close()
	_, err = provider.BuildImage(ctx, &testcontainers.ContainerRequest{FromDockerfile: testcontainers.FromDockerfile{
		Context: dir, Repo: mark + "/" + name, Tag: "latest", KeepImage: true,
		BuildOptionsModifier: func(o *client.ImageBuildOptions) { o.Labels = map[string]string{mark: ""} }}})
	return err
}

// images returns the images that the rows built. Their Dockerfiles label them.
func images() []string {
	ids, _ := quiet("docker", "image", "ls", "--quiet", "--no-trunc", "--filter", "label="+mark)
	return strings.Fields(ids)
}

func removeImages() {
	if all := images(); len(all) > 0 {
		_, _ = quiet("docker", append([]string{"image", "rm", "--force"}, all...)...)
	}
}

const (
	largeFiles = 16
	largeFile  = 1 << 30 / largeFiles
	smallFile  = "small" // not one of the large ones
	// largeLimit is how long a peer may take to build it. The classic builder reads all of it each
	// time.
	largeLimit = 3 * time.Minute
)

// prepareLarge builds one context by all sides. What a side changes in it no other has built.
func prepareLarge(b *bed) ([]side, error) {
	dir := filepath.Join(b.dir, "large")
	b.tidys = append(b.tidys, func() { os.RemoveAll(dir) })
	if err := largeContext(dir); err != nil {
		return nil, err
	}
	builders, err := b.builders()
	if err != nil {
		return nil, err
	}
	var sides []side
	n := 0
	for _, by := range builders {
		once := func() error {
			ctx, cancel := context.WithTimeout(b.ctx, largeLimit)
			defer cancel()
			return by.build(ctx, dir)
		}
		sides = append(sides, side{by.who, func() (sample, error) {
			if err := once(); err != nil { // nothing to reuse, or what the side before this one changed
				return nil, err
			}
			began := time.Now()
			if err := once(); err != nil {
				return nil, err
			}
			unchanged := since(began)
			n++
			if err := os.WriteFile(filepath.Join(dir, smallFile), []byte(strconv.Itoa(n)+dir), 0o644); err != nil {
				return nil, err
			}
			began = time.Now()
			err := once()
			return sample{{"unchanged", unchanged}, {"one file changed", since(began)}}, err
		}})
	}
	return sides, nil
}

// largeContext makes a context of large files that nothing compresses, and that no other run has.
func largeContext(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(time.Now().UnixNano()))
	random := rand.NewChaCha8(seed)
	for i := range largeFiles {
		f, err := os.Create(filepath.Join(dir, "f"+strconv.Itoa(i)))
		if err != nil {
			return err
		}
		_, err = io.CopyN(f, random, largeFile)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, smallFile), []byte(dir), 0o644),
		os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nLABEL "+mark+"=\nCOPY f* /\nCOPY "+smallFile+" /\n"), 0o644))
}

const processes = 8

// prepareBuildOnce lets several processes build at once, each run another image. Images that are
// built by themselves differ, if only by when.
func prepareBuildOnce(b *bed) ([]side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b.tidys = append(b.tidys, removeImages)
	n := 0
	by := func(who string, builds func(name string) (int, error)) func() (sample, error) {
		return func() (sample, error) {
			n++
			removeImages()
			dir := filepath.Join(b.dir, fmt.Sprintf("once-%d-%02d", os.Getpid(), n))
			text := fmt.Sprintf("FROM %s\nLABEL %s=\nENV ONCE=%s\nRUN [\"/main\", \"-after\", \"1s\"]\n", b.probe, mark, filepath.Base(dir))
			if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644)); err != nil {
				return nil, err
			}
			began := time.Now()
			err := parallel.Do(make([]struct{}, processes), func(struct{}) error {
				_, err := b.command(self, "child", "build", who, dir)
				return err
			})
			took := since(began)
			if err != nil {
				return nil, err
			}
			count, err := builds(filepath.Base(dir))
			return sample{{"builds", float64(count)}, {"ready", took}}, err
		}
	}
	return []side{
		{"seatrial.Build", by("seatrial", b.inHistory)},
		{"testcontainers-go", by("testcontainers", func(string) (int, error) {
			all := images()
			slices.Sort(all)
			return len(slices.Compact(all)), nil
		})},
	}, nil
}

// inHistory counts the builds of a context in BuildKit's history.
func (b *bed) inHistory(name string) (n int, err error) {
	names, err := b.command("docker", "buildx", "history", "ls", "--format", "{{.Name}}")
	for _, line := range strings.Fields(names) {
		if strings.HasPrefix(line, name) {
			n++
		}
	}
	return n, err
}

// buildHere builds an image in this process.
func buildHere(who, dir string) error {
	if who == "testcontainers" {
		withoutReaper()
		return buildTestcontainers(context.Background(), dir, "once-"+strconv.Itoa(os.Getpid()))
	}
	return asTest(func(t *enginetest.Recorder) { seatrial.Build(t, spec.Image{Context: dir}) })
}

// bigContext makes a build context with many files that differ between the sides, so
// that no side finds the layers of another.
func (b *bed) bigContext(who string) (string, error) {
	dir := filepath.Join(b.dir, "context-"+who)
	for i := range contextFiles {
		if i%200 == 0 {
			if err := os.MkdirAll(filepath.Join(dir, "d"+strconv.Itoa(i/200)), 0o755); err != nil {
				return "", err
			}
		}
		text := fmt.Sprintf("%-1023s\n", who+strconv.Itoa(i))
		if err := os.WriteFile(filepath.Join(dir, "d"+strconv.Itoa(i/200), "f"+strconv.Itoa(i%200)), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return dir, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nLABEL "+mark+"=\nCOPY . /\n"), 0o644)
}
