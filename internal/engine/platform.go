// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"

	"github.com/containerd/platforms"
)

// Platform returns a platform as BuildKit calls it: x86_64 and linux/amd64 are
// one.
func Platform(name string) (string, error) {
	if strings.ContainsAny(name, ", ") {
		return "", fmt.Errorf("%q is not one platform", name)
	}
	p, err := platforms.Parse(name)
	if err != nil {
		return "", fmt.Errorf("%q: %w", name, err)
	}
	return platforms.Format(platforms.Normalize(p)), nil
}
