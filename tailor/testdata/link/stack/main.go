// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func main() {
	_, err := tailor.Stack(context.Background(), spec.Stack{}, tailor.StackOptions{})
	println(err.Error())
}
