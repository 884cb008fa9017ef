// SPDX-License-Identifier: Apache-2.0

// Package push pushes images from an engine to a registry.
//
// An engine pushes by name: an image is tagged with its name in the registry, pushed, and
// untagged. If two processes did that with one name at the same time, the first to finish
// would remove the other's tag, whose push would fail with "tag does not exist". So on this
// machine only one process at a time pushes a name.
//
// A [Record] remembers pushed images, so that none is pushed twice. The package runs no
// registry, and does not know who pulls.
package push
