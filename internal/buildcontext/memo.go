// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Memo remembers the hashes of the files of one directory: a file with the same
// size, times and inode as before is not read again. It is a cache, and may be lost
// at any time. A nil Memo remembers nothing.
type Memo struct {
	dir, file string
	began     time.Time
	old       map[string]*remembered
	changed   atomic.Bool // the file must be written

	mu      sync.Mutex
	learned map[string]record
}

type remembered struct {
	record
	used bool // in this walk, which comes to a path once
}

type record struct {
	stat // without its mode
	sum  [sha256.Size]byte
}

// A file that was written this shortly before it was read is not remembered,
// because it may be written again without a change of its times. (FAT has the
// coarsest clock: two seconds.)
const grain = 2 * time.Second

// The file of a memo begins with this. Of each file it has the length of the path,
// in two bytes, the path, and the record.
const memoHead = "seatrial context 2\n"

const recordSize = 4*8 + sha256.Size

// OpenMemo opens the memo of dir, whose file is in parent. A missing or broken file
// gives an empty memo.
func OpenMemo(parent, dir string) *Memo {
	sum := sha256.Sum256([]byte(dir))
	m := &Memo{dir: dir, file: filepath.Join(parent, hex.EncodeToString(sum[:12])), began: time.Now(), learned: map[string]record{}}
	content, err := os.ReadFile(m.file)
	if err != nil {
		return m
	}
	rest, ok := strings.CutPrefix(string(content), memoHead)
	if !ok {
		return m
	}
	m.old = make(map[string]*remembered, len(rest)/(recordSize+20))
	for len(rest) >= 2 {
		n := int(rest[0]) | int(rest[1])<<8
		if rest = rest[2:]; len(rest) < n+recordSize {
			break
		}
		m.old[rest[:n]] = &remembered{record: parseRecord([]byte(rest[n : n+recordSize]))}
		rest = rest[n+recordSize:]
	}
	return m
}

func parseRecord(b []byte) (r record) {
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	r.size, r.modified, r.changed, r.inode = int64(number(0)), int64(number(1)), int64(number(2)), number(3)
	copy(r.sum[:], b[4*8:])
	return r
}

func (r record) appendTo(b []byte, path string) []byte {
	b = append(binary.LittleEndian.AppendUint16(b, uint16(len(path))), path...)
	for _, n := range []uint64{uint64(r.size), uint64(r.modified), uint64(r.changed), r.inode} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return append(b, r.sum[:]...)
}

func recordOf(s stat, sum [sha256.Size]byte) record {
	s.mode = 0
	return record{s, sum}
}

// sum returns the remembered hash of a file, if the file has not changed.
func (m *Memo) sum(path string, s stat) (sum [sha256.Size]byte, ok bool) {
	if m == nil {
		return sum, false
	}
	if r := m.old[path]; r != nil && recordOf(s, r.sum) == r.record {
		r.used = true
		return r.sum, true
	}
	m.changed.Store(true)
	return sum, false
}

// learn remembers the hash of a file; s is its state before it was read.
func (m *Memo) learn(path string, s stat, sum [sha256.Size]byte) {
	if m == nil || len(path) > math.MaxUint16 {
		return
	}
	r := recordOf(s, sum)
	if newest := m.began.Add(-grain).UnixNano(); r.modified >= newest || r.changed >= newest {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.learned[path] = r
}

// Linked says that files had one more link for a while: that changed their inodes,
// but not their content.
func (m *Memo) Linked(since time.Time) {
	for path, r := range m.old {
		is, ok := m.look(path, r)
		if was := r.record; ok && is != was && is.changed >= since.Add(-grain).UnixNano() {
			if was.changed = is.changed; is == was {
				r.record = is
				m.changed.Store(true)
			}
		}
	}
}

// look returns the present state of a file with its remembered hash, if the file exists.
func (m *Memo) look(path string, r *remembered) (is record, ok bool) {
	s, err := lstat(filepath.Join(m.dir, filepath.FromSlash(path)))
	return recordOf(s, r.sum), err == nil
}

// Save writes the memo for the next time. It keeps files that this walk left out
// because of another ignore file.
func (m *Memo) Save() (err error) {
	if m == nil || !m.changed.Load() {
		return nil
	}
	b := []byte(memoHead)
	for path, r := range m.learned {
		b = r.appendTo(b, path)
	}
	for path, r := range m.old {
		if _, newer := m.learned[path]; newer {
			continue
		}
		if !r.used {
			if is, ok := m.look(path, r); !ok || is != r.record {
				continue
			}
		}
		b = r.appendTo(b, path)
	}
	if err := os.MkdirAll(filepath.Dir(m.file), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(m.file), "new-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(b)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), m.file)
}
