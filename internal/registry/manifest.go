// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxManifest is the limit of Docker's own registry.
const maxManifest = 4 << 20

// manifestFile returns the path of a file that has the media type on its first line, then
// the manifest.
func (r registry) manifestFile(repository, reference string) string {
	return filepath.Join(r.dir, "manifests", url.PathEscape(repository), reference)
}

func (r registry) manifest(w http.ResponseWriter, req *http.Request, repository, reference string) {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		r.showManifest(w, req, repository, reference)
	case http.MethodPut:
		r.takeManifest(w, req, repository, reference)
	default:
		unsupported(w, req)
	}
}

func (r registry) showManifest(w http.ResponseWriter, req *http.Request, repository, reference string) {
	content, err := os.ReadFile(r.manifestFile(repository, reference))
	if errors.Is(err, fs.ErrNotExist) {
		refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN", repository+" "+reference)
		return
	} else if err != nil {
		broken(w, err)
		return
	}
	mediaType, manifest, _ := bytes.Cut(content, []byte("\n"))
	w.Header().Set("Content-Type", string(mediaType))
	w.Header().Set(digestHeader, digestOf(manifest))
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(manifest))
}

func (r registry) takeManifest(w http.ResponseWriter, req *http.Request, repository, reference string) {
	manifest, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxManifest))
	if err != nil {
		refuse(w, http.StatusBadRequest, "MANIFEST_INVALID", err.Error())
		return
	}
	digest := digestOf(manifest)
	if strings.HasPrefix(reference, "sha256:") && reference != digest {
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("content is %s, not %q", digest, reference))
		return
	}
	content := append([]byte(req.Header.Get("Content-Type")+"\n"), manifest...)
	for _, one := range []string{digest, reference} {
		if err := r.write(r.manifestFile(repository, one), content); err != nil {
			broken(w, err)
			return
		}
	}
	created(w, repository, "manifests", digest)
}

func (r registry) write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Join(r.dir, "uploads"), "manifest-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func (r registry) tags(w http.ResponseWriter, repository string) {
	entries, err := os.ReadDir(filepath.Dir(r.manifestFile(repository, "any")))
	if errors.Is(err, fs.ErrNotExist) {
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN", repository)
		return
	} else if err != nil {
		broken(w, err)
		return
	}
	tags := []string{}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "sha256:") {
			tags = append(tags, entry.Name())
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"name": repository, "tags": tags})
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}
