// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"runtime"
)

// SharesUsers reports whether a user id in a container of the engine is the same
// user's as here: it does not run in a virtual machine, and maps no users. That
// it has the files of this machine is taken for granted.
func (e *connection) SharesUsers(ctx context.Context) (bool, error) {
	if runtime.GOOS != "linux" {
		return false, nil
	}
	info, err := e.recentInfo(ctx)
	if err != nil {
		return false, err
	}
	return !mapsUsers(info.Info) && !isDesktop(info.Info), nil
}
