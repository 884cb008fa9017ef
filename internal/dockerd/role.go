// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// SwarmRole returns the role in the engine's swarm certificate, manager or worker,
// with which the node would start again.
func (e *Engine) SwarmRole() (string, error) {
	content, err := os.ReadFile(filepath.Join(e.data(), "swarm", "certificates", "swarm-node.crt"))
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return "", errors.New("reading the node's certificate: the file is not a certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("reading the node's certificate: %w", err)
	}
	for _, unit := range certificate.Subject.OrganizationalUnit {
		if role, ok := strings.CutPrefix(unit, "swarm-"); ok {
			return role, nil
		}
	}
	return "", fmt.Errorf("reading the node's certificate: no role among %q", certificate.Subject.OrganizationalUnit)
}
