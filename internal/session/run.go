// SPDX-License-Identifier: Apache-2.0

package session

import (
	iprocess "github.com/seatrial/seatrial/internal/process"
)

// Run is this process's use of seatrial.
var Run = iprocess.Run
