// SPDX-License-Identifier: Apache-2.0

// Package cliplugin finds plugins of the docker command where the command itself finds them, so
// that they can be run without it: before it runs a plugin, it starts that, and in some cases
// all that there are, to ask what they are, which takes as long as many a plugin does its work.
//
// It looks for files, and starts nothing. Where it finds no plugin for sure, it says so, and the
// docker command is to be asked.
package cliplugin
