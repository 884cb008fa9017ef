// SPDX-License-Identifier: Apache-2.0

// Package private runs the tests of a package on an engine of their own, so that they may look
// at all that it has, and run beside the tests of other packages. Where there can be none,
// because the system is not Linux or nobody is root, they run on the one that the environment
// names. Only a TestMain calls it.
package private
