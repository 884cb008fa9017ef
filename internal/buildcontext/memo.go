// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Memo remembers the contents of the files of one directory: a file that has
// the size, the times and the inode that it had is not read again. It is a cache,
// and may be lost at any time. A nil one remembers nothing.
type Memo struct {
	file  string
	began time.Time

	mu      sync.Mutex
	old     map[string]record
	now     map[string]record
	changed bool
}

type record struct {
	size     int64
	modified int64 // in nanoseconds, as is changed
	changed  int64 // when the inode last changed, where the system says it
	inode    uint64
	sum      [sha256.Size]byte
}

// A file that was written this short before it was read may be written again
// within what the clock of its file system can tell apart: it is not remembered.
// (FAT has the coarsest: two seconds.)
const grain = 2 * time.Second

const memoHead = "seatrial context 1"

// OpenMemo opens the memo of a directory, in a directory for such files. Nothing
// is wrong with one that is missing or broken.
func OpenMemo(parent, dir string) *Memo {
	sum := sha256.Sum256([]byte(dir))
	m := &Memo{file: filepath.Join(parent, hex.EncodeToString(sum[:12])), began: time.Now(), old: map[string]record{}, now: map[string]record{}}
	content, err := os.ReadFile(m.file)
	if err != nil {
		return m
	}
	head, rest, _ := strings.Cut(string(content), "\n")
	if head != memoHead {
		return m
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if path, r, ok := parseRecord(line); ok {
			m.old[path] = r
		}
	}
	return m
}

func parseRecord(line string) (path string, r record, ok bool) {
	var number [4]int64
	for i := range number {
		word, rest, found := strings.Cut(line, " ")
		n, err := strconv.ParseInt(word, 16, 64)
		if !found || err != nil {
			return "", record{}, false
		}
		number[i], line = n, rest
	}
	word, path, found := strings.Cut(line, " ")
	if n, err := hex.Decode(r.sum[:], []byte(word)); !found || err != nil || n != len(r.sum) {
		return "", record{}, false
	}
	if strings.HasPrefix(path, `"`) {
		var err error
		if path, err = strconv.Unquote(path); err != nil {
			return "", record{}, false
		}
	}
	r.size, r.modified, r.changed, r.inode = number[0], number[1], number[2], uint64(number[3])
	return path, r, true
}

func recordOf(info fs.FileInfo) record {
	changed, inode := identity(info)
	return record{size: info.Size(), modified: info.ModTime().UnixNano(), changed: changed, inode: inode}
}

// sum returns what is remembered of a file, if it still is that file.
func (m *Memo) sum(path string, info fs.FileInfo) (sum [sha256.Size]byte, ok bool) {
	if m == nil {
		return sum, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.old[path]
	is := recordOf(info)
	is.sum = r.sum
	if !ok || is != r {
		m.changed = true
		return sum, false
	}
	m.now[path] = r
	return r.sum, true
}

// learn remembers what was read of a file, of which info was taken before.
func (m *Memo) learn(path string, info fs.FileInfo, sum [sha256.Size]byte) {
	if m == nil {
		return
	}
	r := recordOf(info)
	r.sum = sum
	if newest := m.began.Add(-grain).UnixNano(); r.modified >= newest || r.changed >= newest {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now[path], m.changed = r, true
}

// Save keeps what is known now for the next time.
func (m *Memo) Save() (err error) {
	if m == nil || !m.changed && len(m.now) == len(m.old) {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(memoHead + "\n")
	for path, r := range m.now {
		if strings.ContainsAny(path, "\n\r") || strings.HasPrefix(path, `"`) {
			path = strconv.Quote(path)
		}
		fmt.Fprintf(&b, "%x %x %x %x %x %s\n", r.size, r.modified, r.changed, int64(r.inode), r.sum, path)
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
	_, err = b.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), m.file)
}
