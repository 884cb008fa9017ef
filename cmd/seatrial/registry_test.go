// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatrial/seatrial/internal/registry"
)

// serveImage starts a slow registry with one image, which has the probe in one layer and a
// file of random bytes in another: serveImage NAME:TAG sets $REGISTRY.
func serveImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serveImage NAME:TAG")
	}
	dir := filepath.Join(ts.Getenv("WORK"), ".registry")
	ts.Check(os.Mkdir(dir, 0o700))
	handler, err := registry.New(dir)
	ts.Check(err)
	probe, err := os.ReadFile(ts.Getenv("PROBE"))
	ts.Check(err)
	noise := make([]byte, 1<<20)
	_, err = rand.Read(noise)
	ts.Check(err)
	name, tag, _ := strings.Cut(args[0], ":")
	ts.Check(fillRegistry(handler, name, tag, map[string][]byte{"probe": probe}, map[string][]byte{"noise": noise}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(slowly{w}, r)
	})}
	go func() { _ = server.Serve(l) }()
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv("REGISTRY", l.Addr().String())
}

// slowly sends half a megabyte in a second.
type slowly struct{ http.ResponseWriter }

func (w slowly) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		part := b[:min(len(b), 16<<10)]
		if len(b) > 4<<10 {
			time.Sleep(time.Second / 32)
		}
		var sent int
		sent, err = w.ResponseWriter.Write(part)
		n, b = n+sent, b[len(part):]
	}
	return n, err
}

// fillRegistry puts an image that runs /probe into a registry, with a layer for each set
// of files.
func fillRegistry(to http.Handler, name, tag string, layers ...map[string][]byte) error {
	put := func(path string, content []byte, kind string) error {
		r := httptest.NewRequest(http.MethodPut, "/v2/"+name+path, bytes.NewReader(content))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		if to.ServeHTTP(w, r); w.Code/100 != 2 {
			return fmt.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		return nil
	}
	blob := func(content []byte) (digest string, err error) {
		w := httptest.NewRecorder()
		to.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v2/"+name+"/blobs/uploads/", nil))
		digest = fmt.Sprintf("sha256:%x", sha256.Sum256(content))
		at := strings.TrimPrefix(w.Header().Get("Location"), "/v2/"+name)
		return digest, put(at+"?digest="+digest, content, "application/octet-stream")
	}
	type described struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int    `json:"size"`
	}
	const kind = "application/vnd.oci.image."
	var sent []described
	var unpacked []string
	for _, files := range layers {
		var packed, plain bytes.Buffer
		z := tar.NewWriter(&plain)
		for name, content := range files {
			if err := z.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
				return err
			}
			_, _ = z.Write(content)
		}
		if err := z.Close(); err != nil {
			return err
		}
		unpacked = append(unpacked, fmt.Sprintf("sha256:%x", sha256.Sum256(plain.Bytes())))
		g := gzip.NewWriter(&packed)
		_, _ = g.Write(plain.Bytes())
		_ = g.Close()
		digest, err := blob(packed.Bytes())
		if err != nil {
			return err
		}
		sent = append(sent, described{kind + "layer.v1.tar+gzip", digest, packed.Len()})
	}
	config, _ := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": map[string]any{"Entrypoint": []string{"/probe"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": unpacked},
	})
	digest, err := blob(config)
	if err != nil {
		return err
	}
	manifest, _ := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
		"config": described{kind + "config.v1+json", digest, len(config)}, "layers": sent,
	})
	return put("/manifests/"+tag, manifest, kind+"manifest.v1+json")
}
