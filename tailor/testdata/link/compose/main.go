// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func main() {
	_, err := tailor.Compose(context.Background(), spec.Project{}, tailor.Options{})
	println(err.Error())
}
