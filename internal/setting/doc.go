// SPDX-License-Identifier: Apache-2.0

// Package setting finds the setting of a service that an engine speaks of when it refuses the
// service: engines name neither file nor line, and often not the setting either.
//
// It compares words: those of the message with the values and the names of the settings
// ([In]). It answers only if one setting fits better than all others. It does not know what
// settings mean.
package setting
