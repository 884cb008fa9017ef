// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io/fs"
)

// A Key hashes everything that goes into an image, in order.
type Key struct{ sum hash.Hash }

// NewKey begins a key.
func NewKey() *Key { return &Key{sha256.New()} }

// Add adds values of a kind. No two sequences of calls write the same.
func (k *Key) Add(kind string, values ...string) {
	k.count(len(values))
	for _, s := range append([]string{kind}, values...) {
		k.count(len(s))
		k.sum.Write([]byte(s))
	}
}

func (k *Key) count(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	k.sum.Write(b[:])
}

// keptMode has the bits of a file's mode that an image keeps.
const keptMode = fs.ModePerm | fs.ModeType | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// AddEntries adds the entries of a context.
func (k *Key) AddEntries(kind string, entries []Entry) {
	k.Add(kind)
	k.count(len(entries))
	for _, e := range entries {
		k.Add(e.Path, e.Link)
		k.count(int(e.Mode & keptMode))
		k.sum.Write(e.Sum[:])
	}
}

// Sum returns the key.
func (k *Key) Sum() []byte { return k.sum.Sum(nil) }
