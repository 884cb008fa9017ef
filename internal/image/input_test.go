// SPDX-License-Identifier: Apache-2.0

package image

import "testing"

func TestBuildName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ context, file, target, want string }{
		{"/src/api", "/src/api/Dockerfile", "", "api"},
		{"/src/api", "/src/api/Dockerfile.dev", "test", "api-dev-test"},
		{"", "/src/api/Dockerfile", "", "api"},
		{"/tmp/TestOrders12/001", "/tmp/TestOrders12/001/Dockerfile", "", "testorders12-001"}, // of testing.T.TempDir
		{"/tmp/TestOrders12/002", "/tmp/TestOrders12/002/Dockerfile", "", "testorders12-002"},
		{"/1/2", "/1/2/Dockerfile", "", "1-2"},
		{"/", "/Dockerfile", "", "image"},
	} {
		if got := buildName(tt.context, tt.file, tt.target); got != tt.want {
			t.Errorf("buildName(%q, %q, %q) = %q, want %q", tt.context, tt.file, tt.target, got, tt.want)
		}
	}
}
