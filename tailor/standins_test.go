// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Stand-ins may be named nowhere, images may not, and go first.
func TestStandIns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"compose.yaml": "services:\n  db: {image: postgres:17}\n  cache: {image: redis:7}\n  web: {build: .}\n",
		"stack.yaml":   "services:\n  db: {image: postgres:17}\n  cache: {image: redis:7}\n",
		"Dockerfile":   "FROM golang:1.26\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	files, stackFiles := []string{filepath.Join(dir, "compose.yaml")}, []string{filepath.Join(dir, "stack.yaml")}
	standIns := map[string]string{"docker.io/library/postgres:17": "pg:1", "redis:7": "r:1", "golang:1.26": "go:1", "nginx:1": "n:1"}
	images := map[string]string{"redis:7": "mine:1"}
	p, err := Compose(context.Background(), spec.Project{Files: files, Images: images, StandIns: standIns}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	stack, err := Stack(context.Background(), spec.Stack{Files: stackFiles, Images: images, StandIns: standIns}, StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for about, services := range map[string][]Service{"a project": p.Services, "a stack": stack.Services} {
		for _, s := range services {
			if want := map[string]string{"db": "pg:1", "cache": "mine:1", "web": s.Image}[s.Name]; s.Image != want {
				t.Errorf("%s: %s runs %s, want %s", about, s.Name, s.Image, want)
			}
		}
	}
	if text := p.Text(); !strings.Contains(text, "go:1") {
		t.Errorf("the plan says nothing of the base of the Dockerfile:\n%s", text)
	}
	if _, err := Compose(context.Background(), spec.Project{Files: files, Images: map[string]string{"nginx:1": "n:1"}, StandIns: standIns}, Options{}); err == nil || !strings.Contains(err.Error(), `Images["nginx:1"] matches no image`) {
		t.Errorf("error = %v, want that nginx:1 of Images matches no image", err)
	}
	// A project that switches on a profile is planned anew, from what it was planned from.
	if again, err := Compose(context.Background(), p.Spec, Options{}); err != nil || again.Text() != p.Text() {
		t.Errorf("planned again: %v", err)
	}
}
