// SPDX-License-Identifier: Apache-2.0

// Package recipes has no code: its tests run the pages of docs/recipes, and the Python test of
// the example, as a user would. They are apart from those of the command, since they use images
// that the shared engine alone has.
package recipes
