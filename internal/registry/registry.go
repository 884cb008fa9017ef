// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
)

type registry struct{ dir string }

// New returns a registry that keeps its content in an existing directory.
func New(dir string) (http.Handler, error) {
	r := registry{dir}
	for _, part := range []string{"blobs", "uploads", "manifests"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return nil, fmt.Errorf("opening a registry in %s: %w", dir, err)
		}
	}
	return r, nil
}

const name = `([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)`

var (
	uploadsPath  = regexp.MustCompile(`^/v2/` + name + `/blobs/uploads/([A-Z0-9]*)$`)
	blobPath     = regexp.MustCompile(`^/v2/` + name + `/blobs/(sha256:[a-f0-9]{64})$`)
	manifestPath = regexp.MustCompile(`^/v2/` + name + `/manifests/([A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[a-f0-9]{64})$`)
	tagsPath     = regexp.MustCompile(`^/v2/` + name + `/tags/list$`)
)

func (r registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Docker-Distribution-API-Version", "registry/2.0")
	path := req.URL.Path
	if path == "/v2/" || path == "/v2" {
		fmt.Fprintln(w, "{}")
	} else if m := uploadsPath.FindStringSubmatch(path); m != nil {
		r.upload(w, req, m[1], m[2])
	} else if m := blobPath.FindStringSubmatch(path); m != nil {
		r.blob(w, req, m[2])
	} else if m := manifestPath.FindStringSubmatch(path); m != nil {
		r.manifest(w, req, m[1], m[2])
	} else if m := tagsPath.FindStringSubmatch(path); m != nil && req.Method == http.MethodGet {
		r.tags(w, m[1])
	} else {
		refuse(w, http.StatusNotFound, "UNSUPPORTED", req.Method+" "+path)
	}
}

// refuse answers with an error in the format of the API.
func refuse(w http.ResponseWriter, status int, code, message string) {
	type one struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]one{"errors": {{code, message}}})
}

func broken(w http.ResponseWriter, err error) {
	refuse(w, http.StatusInternalServerError, "UNKNOWN", err.Error())
}

func unsupported(w http.ResponseWriter, req *http.Request) {
	refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", req.Method+" "+req.URL.Path)
}
