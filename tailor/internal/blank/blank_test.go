// SPDX-License-Identifier: Apache-2.0

package blank

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		keys, value string // _ is a blank
		want        Harm
	}{
		{"services a image", "_name:tag", None},
		{"services a image", "_name_:1.0-_", None},
		{"services a image", "registry:5000/_name", None},
		{"services a image", "_", NoReference},
		{"services a image", "name:_", NoReference},
		{"services a image", "name:_-alpine", NoReference},
		{"services a image", "name@_", NoReference},
		{"services a image", "_/name:1", NoReference},
		{"services a image", "registry/_:1", NoReference},
		{"services a image", "name:1", None},
		{"services a volumes []", "_store:/store", None},
		{"services a volumes []", "./data/_:/store/_", None},
		{"services a volumes []", "_:/store", Unreadable},
		{"services a volumes []", "store:_", Unreadable},
		{"services a volumes []", "store:/store:_", Unreadable},
		{"services a volumes []", "_", Unreadable},
		{"services a volumes []", "_/store:/store", Doubtful},
		{"services a volumes []", "_/app.conf:/etc/app.conf", Useless},
		{"services a volumes []", "_/app:/etc/app.conf:ro", Useless},
		{"services a volumes []", "./_:/store", Doubtful},
		{"services a volumes []", "../_/:/store", Doubtful},
		{"services a volumes []", "/_:/store", Useless},
		{"services a volumes []", "~/_:/store", Doubtful},
		{"services a volumes []", "store:_/store", Doubtful},
		{"x-volumes volumes []", "_:/store", Doubtful},
		{"services a volumes [] source", "_store", None},
		{"services a volumes [] source", "_", Doubtful},
		{"services a volumes [] target", "_/data", Doubtful},
		{"services a volumes [] target", "_", Useless},
		{"services a env_file []", "_/env", Useless},
		{"services a extends file", "./_", Useless},
		{"services a build", "_", Doubtful},
		{"services a build", "./_", Doubtful},
		{"services a build", "./web_", None},
		{"services a build context", "_", Doubtful},
		{"services a build context", "_web", None},
		{"services a build context", "https://_", Useless},
		{"services a build context", "https://example.com/_.git", None},
		{"services a build additional_contexts base", "docker-image://_", Useless},
		{"services a build additional_contexts []", "base=_", Doubtful},
		{"services a build additional_contexts []", "base=service:_", Useless},
		{"services a build additional_contexts []", "_base=./base", None},
		{"services a build dockerfile", "Dockerfile_", None},
		{"services a build dockerfile", "_", Doubtful},
		{"services a build args X", "_", None},
		{"services a environment []", "X=_", None},
		{"services a env_file", "_", Unreadable},
		{"services a env_file []", "./_.env", None},
		{"services a env_file [] path", "_", Useless},
		{"secrets s file", "_", Useless},
		{"volumes v driver_opts device", "_", Useless},
		{"volumes v driver_opts device", ":_", Useless},
		{"volumes v driver_opts device", ":/export/_", None},
		{"services a ports []", "_:80", None},
		{"services a ports []", "80:_", Unreadable},
		{"services a ports []", "80:8_", Doubtful},
		{"services a ports [] target", "_", Useless},
		{"services a ports [] published", "_", None},
		{"services a container_name", "_", Unreadable},
		{"services a container_name", "_-web", Unreadable},
		{"services a container_name", "web-_", None},
	} {
		if got := Of(strings.Fields(test.keys), strings.ReplaceAll(test.value, "_", Mark)); got != test.want {
			t.Errorf("%s: %s: %d, want %d", test.keys, test.value, got, test.want)
		}
	}
}
