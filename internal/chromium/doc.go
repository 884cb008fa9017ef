// SPDX-License-Identifier: Apache-2.0

// Package chromium is a browser that tests drive, as a person does: with a size, a colour
// scheme and keys. It is for tests alone, and needs Debian's package chromium.
//
// It knows nothing of the pages. It speaks the protocol of the developer tools over a pipe,
// so that no port is opened: https://chromedevtools.github.io/devtools-protocol/
package chromium
