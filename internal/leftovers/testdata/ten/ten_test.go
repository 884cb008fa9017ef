// SPDX-License-Identifier: Apache-2.0

// Package ten is one of ten packages that share a project. TestSharedByPackages
// copies and runs it.
package ten

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

// orders returns the project that the tests of all packages share, or, for
// comparison, one of this package's own.
func orders(t *testing.T) *seatrial.Project {
	t.Helper()
	project := spec.Project{Files: []string{os.Getenv("SEATRIAL_TEST_FILE")}, Images: map[string]string{"example/probe:1": os.Getenv("SEATRIAL_TEST_IMAGE")}}
	if os.Getenv("SEATRIAL_TEST_PRIVATE") != "" {
		return private(t)
	}
	warm, err := time.ParseDuration(os.Getenv("SEATRIAL_TEST_WARM"))
	if err != nil {
		t.Fatal(err)
	}
	return seatrial.Shared(t, spec.Shared{Name: "orders", Project: project, Warm: warm})
}

var private = seatrial.Share("orders", func(t seatrial.T) *seatrial.Project {
	return seatrial.Up(t, spec.Project{Files: []string{os.Getenv("SEATRIAL_TEST_FILE")}, Images: map[string]string{"example/probe:1": os.Getenv("SEATRIAL_TEST_IMAGE")}})
})

func TestMain(m *testing.M) { seatrial.Main(m, func(seatrial.T) {}) }

func TestOrder(t *testing.T) {
	dir, _ := os.Getwd()
	app := orders(t)
	fmt.Println("uses", app.Name)
	for n := range 3 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			file := seatrial.Name(t, filepath.Base(dir)) // a unique name
			url := orders(t).Service(t, "store").URL(t, 19000) + "/file/" + file
			request(t, http.MethodPut, url, file)
			if span, err := time.ParseDuration(os.Getenv("SEATRIAL_TEST_WORK")); err == nil {
				time.Sleep(span)
			}
			if got := request(t, http.MethodGet, url, ""); got != file {
				t.Errorf("%s has %q", file, got)
			}
		})
	}
	fmt.Println("done")
}

func request(t *testing.T, method, url, content string) string {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v", method, url, resp.Status, err)
	}
	return string(body)
}
