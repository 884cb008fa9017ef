// SPDX-License-Identifier: Apache-2.0

// Package hostpath answers questions about paths of this machine (whether one lies in another,
// where links lead, where this user's cache is), and replaces files in one step, so that
// nobody reads half of one.
//
// It has no opinion on what a path is for, and knows no engine: what an engine has of a path
// is in package hostfiles.
package hostpath
