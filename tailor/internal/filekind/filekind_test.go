// SPDX-License-Identifier: Apache-2.0

package filekind

import "testing"

func TestOf(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct{ name, content, what, hint string }{
		"a manifest":           {"web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n", "a Kubernetes manifest (kind Deployment)", kubernetes},
		"several":              {"all.yaml", "# all\n---\napiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Secret\n", "a Kubernetes manifest (kind Service)", kubernetes},
		"a chart":              {"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", "part of a Helm chart", kubernetes},
		"a template":           {"web.yaml", "spec:\n  {{- if .Values.on }}\n  replicas: {{ .Values.n }}\n", "part of a Helm chart", kubernetes},
		"values":               {"chart/values.yaml", "image: web\nreplicas: 2\n", "the values of a Helm chart", kubernetes},
		"an image's dev":       {".devcontainer/devcontainer.json", "// for all\n{\"image\": \"go:1\",}\n", "the description of a dev container", "it names no Compose file: seatrial.Build builds its Dockerfile, Run starts its image"},
		"a project's dev":      {"devcontainer.json", `{"dockerComposeFile": ["../compose.yaml", "dev.yaml"], "service": "web"}`, "the description of a dev container", "give the Compose files that its dockerComposeFile names: ../compose.yaml, dev.yaml"},
		"a Dockerfile":         {"Dockerfile", "# syntax=docker/dockerfile:1\n\nFROM scratch AS all\nCOPY . /\n", "a Dockerfile", "seatrial.Build builds it; Run starts what was built"},
		"one with an argument": {"web.docker", "ARG BASE=scratch\nFROM $BASE\n", "a Dockerfile", "seatrial.Build builds it; Run starts what was built"},
		"Bake":                 {"docker-bake.hcl", "target \"web\" {\n  context = \".\"\n}\n", "a Bake file", "it says how images are built; give the Compose file that runs them"},

		"Compose":               {"compose.yaml", "services: {web: {image: web}}\n", "", ""},
		"Compose, with Go's {{": {"compose.yaml", "services:\n  web:\n    command: '{{ .Values.x }}'\n", "", ""},
		"parts of Compose":      {"compose.yaml", "include: [web.yaml]\napiVersion: x\nkind: y\n", "", ""},
		"old Compose":           {"docker-compose.yml", "web:\n  image: web\n", "", ""},
		"broken":                {"compose.yaml", "services:\n\tweb: {}\n", "", ""},
		"nothing":               {"compose.yaml", "", "", ""},
	} {
		got, ok := Of(tt.name, []byte(tt.content))
		if got.What != tt.what || got.Hint != tt.hint || ok != (tt.what != "") {
			t.Errorf("%s: %+v, %t, want %q, %q", about, got, ok, tt.what, tt.hint)
		}
	}
}
