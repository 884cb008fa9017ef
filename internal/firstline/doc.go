// SPDX-License-Identifier: Apache-2.0

// Package firstline has the catalogue of failures as they happen in practice: what went
// wrong, the first line that people get to read of it, and whether that line names the
// cause. testdata has what programs, builds, health checks and projects print or say, and
// the rules: words that must be in the line and words that must not, written before the
// code that meets them. testdata/catalogue.txt, made by the test, is for people to read
// from top to bottom.
//
// It promises that no failure in it gets a line that misleads. It has tests only.
package firstline
