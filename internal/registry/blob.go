// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const digestHeader = "Docker-Content-Digest"

func (r registry) blobFile(digest string) string {
	return filepath.Join(r.dir, "blobs", strings.TrimPrefix(digest, "sha256:"))
}

func (r registry) has(digest string) bool {
	_, err := os.Stat(r.blobFile(digest))
	return err == nil
}

func (r registry) blob(w http.ResponseWriter, req *http.Request, digest string) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		unsupported(w, req)
		return
	}
	file, err := os.Open(r.blobFile(digest))
	if errors.Is(err, fs.ErrNotExist) {
		refuse(w, http.StatusNotFound, "BLOB_UNKNOWN", digest)
		return
	} else if err != nil {
		broken(w, err)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set(digestHeader, digest)
	http.ServeContent(w, req, "", time.Time{}, file)
}

// upload handles the upload of a blob: POST begins it, any number of PATCH send
// parts, and PUT, which may send the last one, ends it.
func (r registry) upload(w http.ResponseWriter, req *http.Request, repository, id string) {
	if id == "" {
		if req.Method != http.MethodPost {
			unsupported(w, req)
			return
		}
		if digest := req.URL.Query().Get("mount"); blobDigest(digest) && r.has(digest) {
			created(w, repository, "blobs", digest)
			return
		}
		id = rand.Text()
		if err := os.WriteFile(r.uploadFile(id), nil, 0o600); err != nil {
			broken(w, err)
			return
		}
	}
	size, err := r.add(id, req)
	if errors.Is(err, fs.ErrNotExist) {
		refuse(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", id)
		return
	} else if err != nil {
		broken(w, err)
		return
	}
	digest := req.URL.Query().Get("digest")
	switch {
	case req.Method == http.MethodPut, req.Method == http.MethodPost && digest != "":
		r.finish(w, repository, id, digest)
	case req.Method == http.MethodDelete:
		_ = os.Remove(r.uploadFile(id))
		w.WriteHeader(http.StatusNoContent)
	case req.Method == http.MethodGet:
		r.progress(w, repository, id, size, http.StatusNoContent)
	case req.Method == http.MethodPost, req.Method == http.MethodPatch:
		r.progress(w, repository, id, size, http.StatusAccepted)
	default:
		unsupported(w, req)
	}
}

func (registry) progress(w http.ResponseWriter, repository, id string, size int64, status int) {
	w.Header().Set("Location", "/v2/"+repository+"/blobs/uploads/"+id)
	w.Header().Set("Docker-Upload-UUID", id)
	w.Header().Set("Range", fmt.Sprintf("0-%d", max(size-1, 0)))
	w.WriteHeader(status)
}

func (r registry) uploadFile(id string) string { return filepath.Join(r.dir, "uploads", id) }

// add appends the body of a request, and returns the size of the upload so far.
func (r registry) add(id string, req *http.Request) (int64, error) {
	file, err := os.OpenFile(r.uploadFile(id), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(file, req.Body)
	size, failed := file.Seek(0, io.SeekEnd)
	return size, errors.Join(err, failed, file.Close())
}

// finish makes a blob of an upload, if its content has the digest.
func (r registry) finish(w http.ResponseWriter, repository, id, digest string) {
	got, err := sum(r.uploadFile(id))
	switch {
	case err != nil:
		broken(w, err)
		return
	case got != digest:
		_ = os.Remove(r.uploadFile(id))
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("content is %s, not %q", got, digest))
		return
	}
	if err := os.Rename(r.uploadFile(id), r.blobFile(digest)); err != nil {
		broken(w, err)
		return
	}
	created(w, repository, "blobs", digest)
}

func created(w http.ResponseWriter, repository, what, digest string) {
	w.Header().Set("Location", "/v2/"+repository+"/"+what+"/"+digest)
	w.Header().Set(digestHeader, digest)
	w.WriteHeader(http.StatusCreated)
}

func sum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), err
}

func blobDigest(s string) bool { return blobPath.MatchString("/v2/any/blobs/" + s) }
