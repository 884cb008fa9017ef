// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package engine

// sharesNamespace knows nothing where there are no namespaces.
func (*processes) sharesNamespace(string) (same, sure bool) { return false, false }

// LacksIPVS: an engine's kernel is not this machine's.
func (*processes) LacksIPVS() bool { return false }

// containersOfSelf: tests in containers run on Linux.
func containersOfSelf() []string { return nil }
