// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// A file of another kind is told by what it is, not by the first key that Compose does not
// know; also where a variable in it has no value.
func TestOtherKindsOfFiles(t *testing.T) {
	t.Parallel()
	for about, file := range map[string]string{
		"a manifest":      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n",
		"with a variable": "apiVersion: v1\nkind: Service\nmetadata: {name: \"${NOT_SET:?}\"}\n",
	} {
		dir := tree(t, "-- compose.yaml --\n"+file)
		_, compose := planned(dir, nil)
		_, stack := deployed(dir, nil)
		for _, err := range []error{compose, stack} {
			var e *ReadError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), "compose.yaml: it is a Kubernetes manifest (kind Service), not a Compose file\nhint: ") {
				t.Errorf("%s: %v", about, err)
			}
		}
	}
}

// A directory without a Compose file is told by what it has.
func TestOtherKindsOfDirectories(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct{ files, want string }{
		"a chart":         {"-- Chart.yaml --\napiVersion: v2\nname: web\nversion: 1.0.0\n-- values.yaml --\nimage: web\n", "\nhint: it has Chart.yaml, which is part of a Helm chart: "},
		"manifests":       {"-- other.yaml --\na: b\n-- web.yml --\napiVersion: apps/v1\nkind: Deployment\n", "\nhint: it has web.yml, which is a Kubernetes manifest (kind Deployment): "},
		"a dev container": {"-- .devcontainer/devcontainer.json --\n{\"dockerComposeFile\": \"../../all.yaml\"}\n", ": give the Compose files that its dockerComposeFile names: ../../all.yaml"},
		"nothing":         {"-- README.md --\nread\n", "is in it"},
	} {
		dir := tree(t, tt.files)
		_, err := planned(dir, func(p *spec.Project) { p.Files = []string{dir} })
		if err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), tt.want) || tt.want == "is in it" && !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", about, err, tt.want)
		}
	}
}

// Who gives a file alone that adds to another is told of the other.
func TestServiceElsewhere(t *testing.T) {
	t.Parallel()
	const beside = "\n-- base.yml --\nservices: {db: {image: db}}\n-- broken.yaml --\n{\n"
	for about, tt := range map[string]struct{ file, want string }{
		"a dependency":       {"depends_on: [db]", "base.yml has service db: give it before "},
		"one with more":      {"depends_on: {db: {condition: service_started}}", "base.yml has service db: give it before "},
		"its network":        {"network_mode: service:db", "base.yml has service db: give it before "},
		"extended":           {"extends: {service: db}", "base.yml has service db: give it before "},
		"nowhere":            {"depends_on: [cache]", "if another file has service cache, give that, too, before the one that adds to it"},
		"of another mistake": {"depends_on: [web, cache]\n    prots: [1]", ""},
	} {
		dir := tree(t, "-- compose.yaml --\nservices:\n  web:\n    image: web\n    "+tt.file+beside)
		_, err := planned(dir, func(p *spec.Project) { p.Files = []string{dir + "/compose.yaml"} })
		if err == nil {
			t.Errorf("%s: no error", about)
			continue
		}
		_, hint, _ := strings.Cut(err.Error(), "\nhint: ")
		if tt.want == "" && hint != "" || !strings.Contains(hint, tt.want) {
			t.Errorf("%s: %v\nwant %q", about, err, tt.want)
		}
	}
}
