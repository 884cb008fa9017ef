// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type client struct {
	t   *testing.T
	url string
}

func (c client) do(method, path, body string, want int) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode != want {
		c.t.Errorf("%s %s = %s %s, want %d", method, path, resp.Status, content, want)
	}
	return resp, string(content)
}

func TestPushAndPull(t *testing.T) {
	dir := t.TempDir()
	handler, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	c := client{t, server.URL}
	c.do("GET", "/v2/", "", 200)

	blob := "a layer, in two parts"
	digest := digestOf([]byte(blob))
	c.do("HEAD", "/v2/a/b/blobs/"+digest, "", 404)
	resp, _ := c.do("POST", "/v2/a/b/blobs/uploads/", "", 202)
	at := resp.Header.Get("Location")
	resp, _ = c.do("PATCH", at, blob[:5], 202)
	if got := resp.Header.Get("Range"); got != "0-4" {
		t.Errorf("Range after 5 bytes = %q, want 0-4", got)
	}
	c.do("HEAD", "/v2/a/b/blobs/"+digest, "", 404) // not before the upload is complete
	c.do("PUT", at+"?digest="+digest, blob[5:], 201)
	if _, got := c.do("GET", "/v2/a/b/blobs/"+digest, "", 200); got != blob {
		t.Errorf("blob = %q, want %q", got, blob)
	}
	c.do("POST", "/v2/c/blobs/uploads/?from=a/b&mount="+digest, "", 201)
	c.do("POST", "/v2/c/blobs/uploads/?from=a/b&mount="+digestOf(nil), "", 202)
	c.do("POST", "/v2/c/blobs/uploads/?mount=../../etc/passwd", "", 202)

	resp, _ = c.do("POST", "/v2/a/b/blobs/uploads/", "", 202)
	c.do("PUT", resp.Header.Get("Location")+"?digest="+digest, "another layer", 400)
	c.do("PATCH", "/v2/a/b/blobs/uploads/NONE", "", 404)

	manifest := `{"schemaVersion": 2}`
	resp, _ = c.do("PUT", "/v2/a/b/manifests/1.0", manifest, 201)
	for _, ref := range []string{"1.0", resp.Header.Get(digestHeader)} {
		resp, got := c.do("GET", "/v2/a/b/manifests/"+ref, "", 200)
		if got != manifest || resp.Header.Get("Content-Type") != "application/vnd.oci.image.manifest.v1+json" {
			t.Errorf("manifest %s = %q of type %q", ref, got, resp.Header.Get("Content-Type"))
		}
	}
	c.do("PUT", "/v2/a/b/manifests/"+digest, manifest, 400) // not the manifest's digest
	c.do("GET", "/v2/a/b/manifests/2.0", "", 404)
	c.do("GET", "/v2/c/manifests/1.0", "", 404)
	if _, got := c.do("GET", "/v2/a/b/tags/list", "", 200); !strings.Contains(got, `"tags":["1.0"]`) {
		t.Errorf("tags = %s, want only 1.0", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "uploads", "manifest-*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}

	again, err := New(dir) // the directory has everything
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(again)
	defer other.Close()
	client{t, other.URL}.do("GET", "/v2/a/b/manifests/1.0", "", 200)
	if _, err := os.Stat(filepath.Join(dir, "blobs", strings.TrimPrefix(digest, "sha256:"))); err != nil {
		t.Error(err)
	}
}
