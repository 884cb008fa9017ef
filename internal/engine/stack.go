// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"fmt"
)

// Deploy has the docker command deploy a stack from a document, and returns when
// the managers have it. It reads no registry: all nodes get the image by the name
// that the document has. What the document lacks it takes from env.
func (e *services) Deploy(ctx context.Context, name string, document []byte, version string, c Command) error {
	major, err := e.commands.command()
	if err != nil {
		return err
	}
	if least := formats[version]; major < least {
		return fmt.Errorf("the stack needs version %s of the file format, which docker %d knows, and here is %d\n    hint: https://docs.docker.com/engine/install/", version, least, major)
	}
	c.Args = []string{"stack", "deploy", "--compose-file", "-", "--resolve-image", "never", "--with-registry-auth", "--prune"}
	if major >= detaches {
		c.Args = append(c.Args, "--detach=true")
	}
	c.Args = append(c.Args, name)
	c.In = bytes.NewReader(document)
	return e.commands.Docker(ctx, c)
}

// detaches is the docker command since which it must be told not to wait.
const detaches = 26

// formats are the docker commands that know a version of the file format.
var formats = map[string]int{"3.10": 23, "3.11": 24, "3.12": 25, "3.13": 27}
