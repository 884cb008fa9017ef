// SPDX-License-Identifier: Apache-2.0

package spec_test

import (
	"fmt"

	"github.com/seatrial/seatrial/spec"
)

// Give secrets of the swarm to a service, as files with the names of the secrets.
func ExampleFiles() {
	s := spec.Service{Image: "example/orders:2", Secrets: spec.Files("licence", "db-password")}
	for _, secret := range s.Secrets {
		fmt.Println(secret.Name)
	}
	// Output:
	// licence
	// db-password
}
