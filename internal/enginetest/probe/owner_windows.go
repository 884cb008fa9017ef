// SPDX-License-Identifier: Apache-2.0

package main

import "io/fs"

func ownerOf(fs.FileInfo) string { return "-" }
