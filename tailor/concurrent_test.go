// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"

	"github.com/seatrial/seatrial/spec"
)

// Cases 81 and 84: many goroutines read files with a version at once, all get
// the same bytes, and nothing is written to the user's logger.
func loadsAtOnce(t *testing.T) {
	var log bytes.Buffer
	logrus.SetOutput(&log)
	t.Cleanup(func() { logrus.SetOutput(os.Stderr) })
	dir := t.TempDir()
	text := "version: \"3.8\"\nservices:\n  web:\n    image: web:${TAG:-${OTHER}1}\n    container_name: shop\n    ports: [\"${BIND:-127.0.0.1}${NONE}:8080:80\", \"8081:81\"]\n" +
		"    networks: [a, b, c]\nnetworks:\n  a: {name: aa}\n  b: {name: bb}\n  c:\n    external: {name: cc}\n"
	name := func(i int) string { return filepath.Join(dir, fmt.Sprintf("%d.yaml", i%16)) }
	for i := range 16 {
		if err := os.WriteFile(name(i), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	overrides := make([][]byte, 64)
	for i := range overrides {
		group.Go(func() {
			plan, _ := Compose(context.Background(), spec.Project{Files: []string{name(i)}}, Options{})
			if plan != nil {
				overrides[i] = plan.Override()
			}
		})
	}
	group.Wait()
	for _, o := range overrides {
		if !bytes.Equal(o, overrides[0]) || len(o) == 0 {
			t.Fatalf("one input, several outputs:\n%s\n%s", overrides[0], o)
		}
	}
	if log.Len() > 0 {
		t.Errorf("compose-go logged:\n%s", log.String())
	}
	logrus.Warn("mine")
	if log.Len() == 0 {
		t.Error("the user's own message is lost")
	}
}
