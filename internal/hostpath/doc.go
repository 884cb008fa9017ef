// SPDX-License-Identifier: Apache-2.0

// Package hostpath answers questions about paths of this machine (whether one lies in another,
// where links lead, where this user's cache is), and replaces files atomically, so that nobody
// reads half of one.
//
// It does not know what a path is for, and knows no engine: package hostfiles asks an engine
// about a path.
package hostpath
