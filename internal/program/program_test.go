// SPDX-License-Identifier: Apache-2.0

package program_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/seatrial/seatrial/internal/program"
)

// image has files in memory.
type image struct{ fstest.MapFS }

func (i image) Read(path string, most int) ([]byte, error) {
	content, err := i.ReadFile(path[1:])
	return content[:min(most, len(content))], err
}

func (i image) Mode(path string) (fs.FileMode, error) {
	info, err := i.Stat(path[1:])
	if err != nil {
		return 0, err
	}
	return info.Mode(), nil
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"exec /scripts/run: no such file or directory":                      "/scripts/run",
		"exec /app: exec format error":                                      "/app",
		`exec: "/scripts/run": permission denied`:                           "/scripts/run",
		`exec: "/nosuch": stat /nosuch: no such file or directory: unknown`: "/nosuch",
		"[FATAL tini (7)] exec /app/shop failed: No such file or directory": "/app/shop",
		`exec: "serve": executable file not found in $PATH`:                 "",
		"open /data: no such file or directory":                             "",
	} {
		if got, _ := program.Refused(line); got != want {
			t.Errorf("program of %q = %q, want %q", line, got, want)
		}
	}
}

// header returns the beginning of a program for a machine, dynamically linked with
// musl. Its sections are beyond the part that is read.
func header(machine elf.Machine) []byte {
	const loader = "/lib/ld-musl-x86_64.so.1\x00"
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, elf.Header64{
		Ident:   [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:    uint16(elf.ET_EXEC),
		Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
		Phoff: 64, Shoff: 1 << 20, Ehsize: 64, Phentsize: 56, Phnum: 1, Shentsize: 64, Shnum: 30, Shstrndx: 29,
	})
	_ = binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: uint64(len(loader)), Memsz: uint64(len(loader))})
	b.WriteString(loader)
	return b.Bytes()
}

func TestWhy(t *testing.T) {
	t.Parallel()
	files := image{fstest.MapFS{
		"bin/sh":  {Data: []byte("\x7fELF"), Mode: 0o755},
		"crlf":    {Data: []byte("#!/bin/sh\r\necho\r\n"), Mode: 0o755},
		"env":     {Data: []byte("#!/bin/sh -e\r\n"), Mode: 0o755},
		"bash":    {Data: []byte("#!/bin/bash\necho\n"), Mode: 0o755},
		"good":    {Data: []byte("#!/bin/sh\necho\n"), Mode: 0o755},
		"mode":    {Data: []byte("#!/bin/sh\necho\n"), Mode: 0o644},
		"bare":    {Data: []byte("echo\n"), Mode: 0o755},
		"nothing": {Mode: 0o755},
		"windows": {Data: []byte("MZ\x90\x00"), Mode: 0o755},
		"lfs":     {Data: []byte("version https://git-lfs.github.com/spec/v1\n"), Mode: 0o755},
		"arm":     {Data: header(elf.EM_AARCH64), Mode: 0o755},
		"amd":     {Data: header(elf.EM_X86_64), Mode: 0o755},
	}}
	for path, want := range map[string]string{
		"/crlf":    `its interpreter "/bin/sh\r" does not exist: the script has CRLF line ends`,
		"/env":     `its interpreter "-e\r" does not exist: the script has CRLF line ends`,
		"/bash":    "its interpreter /bin/bash is not in the image",
		"/good":    "",
		"/mode":    "/mode is not executable (mode 0644)",
		"/bare":    "/bare is a script whose first line names no interpreter (#!/bin/sh)",
		"/nothing": "/nothing is empty",
		"/windows": "/windows is a program for Windows",
		"/lfs":     "/lfs is a pointer of Git LFS, not the file itself",
		"/arm":     "/arm is built for arm64, the engine is amd64",
		"/amd":     "/amd needs /lib/ld-musl-x86_64.so.1, which is not in the image: it is linked with musl, as on Alpine; link it statically, or take an image that has it",
		"/none":    "",
	} {
		if got := program.Why(path, "amd64", files); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
