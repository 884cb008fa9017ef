// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
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
			test := newLasting()
			image := func(who string) string { return mark + "/" + who }
			b.tidys = append(b.tidys, test.end, func() {
				_, _ = quiet("docker", "image", "rm", "--force", image("docker"), image("testcontainers"))
				if ours, err := quiet("docker", "image", "ls", "--quiet", "--filter", "label="+mark); err == nil && ours != "" {
					_, _ = quiet("docker", "image", "rm", "--force", ours)
				}
			})
			withoutReaper()
			provider, err := testcontainers.NewDockerProvider()
			if err != nil {
				return nil, err
			}
			b.tidys = append(b.tidys, func() { provider.Close() })
			return []side{
				{"seatrial.Build", both(dirs[0], func() error {
					return test.do(func(t *enginetest.Recorder) { seatrial.Build(t, spec.Image{Context: dirs[0]}) })
				})},
				{"docker build", both(dirs[1], func() error {
					_, err := b.command("docker", "build", "--quiet", "--tag", image("docker"), dirs[1])
					return err
				})},
				// By the classic builder: asked for BuildKit, testcontainers-go v0.45.0 closes the
				// connection on which it sends the context as soon as the engine begins to answer.
				{"testcontainers-go", both(dirs[2], func() error {
					_, err := provider.BuildImage(b.ctx, &testcontainers.ContainerRequest{FromDockerfile: testcontainers.FromDockerfile{
						Context: dirs[2], Repo: image("testcontainers"), Tag: "latest", KeepImage: true,
						BuildOptionsModifier: func(o *client.ImageBuildOptions) { o.Labels = map[string]string{mark: ""} }}})
					return err
				})},
			}, nil
		},
	}}
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
