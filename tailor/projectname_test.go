// SPDX-License-Identifier: Apache-2.0

package tailor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A name in .env that docker compose refuses is refused, though a copy has another one.
func TestProjectNameOfEnvFile(t *testing.T) {
	t.Parallel()
	for name, fine := range map[string]bool{"shop": true, "shop_1-a": true, "Bad Name": false, "Shop": false, "-shop": false} {
		dir := t.TempDir()
		for file, content := range map[string]string{"compose.yaml": "services: {web: {image: acme/web}}\n", ".env": "COMPOSE_PROJECT_NAME=" + name + "\n"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := tailor.Compose(t.Context(), spec.Project{Files: []string{dir}}, tailor.Options{})
		if said := err != nil && strings.Contains(err.Error(), "COMPOSE_PROJECT_NAME is \""+name+"\""); err == nil != fine || !fine && !said {
			t.Errorf("%q: %v, want it to be fine: %v", name, err, fine)
		}
	}
}
