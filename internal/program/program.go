// SPDX-License-Identifier: Apache-2.0

package program

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
)

// Files reads the files of the container.
type Files interface {
	// Read returns up to most bytes from the beginning of a file, and follows
	// links; the error is fs.ErrNotExist if there is none.
	Read(path string, most int) ([]byte, error)
	// Mode returns the mode of a file.
	Mode(path string) (fs.FileMode, error)
}

// refused has the messages of runtimes and small init programs that could not run a
// program.
var refused = []*regexp.Regexp{
	regexp.MustCompile(`\bexec (/\S+): (no such file or directory|exec format error|permission denied)`),
	regexp.MustCompile(`\bexec: "([^"]+)": (stat \S+: no such file or directory|permission denied|exec format error)`),
	regexp.MustCompile(`\bexec (\S+) failed: (No such file or directory|Exec format error|Permission denied)`),
}

// Refused returns the path of the program that could not be run, if a line is such a
// message.
func Refused(line string) (path string, ok bool) {
	for _, shape := range refused {
		if m := shape.FindStringSubmatch(line); m != nil && strings.HasPrefix(m[1], "/") {
			return m[1], true
		}
	}
	return "", false
}

// head is how many bytes of a file are read: all headers of a program are in its first
// pages.
const head = 16 << 10

// Why says why a program cannot be run on a machine of this architecture (amd64, arm64,
// …; empty if that is not known). It returns "" if the file does not show the reason.
func Why(path, architecture string, files Files) string {
	content, err := files.Read(path, head)
	if err != nil {
		return ""
	}
	if mode, err := files.Mode(path); err == nil && mode.IsRegular() && mode&0o111 == 0 {
		return fmt.Sprintf("%s is not executable (mode %04o)", path, mode.Perm())
	}
	switch {
	case len(content) == 0:
		return path + " is empty"
	case bytes.HasPrefix(content, []byte("#!")):
		return ofScript(path, content, files)
	case bytes.HasPrefix(content, []byte(elf.ELFMAG)):
		return ofProgram(path, architecture, content, files)
	case bytes.HasPrefix(content, []byte("MZ")):
		return path + " is a program for Windows"
	case bytes.HasPrefix(content, []byte("\xcf\xfa\xed\xfe")) || bytes.HasPrefix(content, []byte("\xca\xfe\xba\xbe")):
		return path + " is a program for macOS"
	case bytes.HasPrefix(content, []byte("version https://git-lfs")):
		return path + " is a pointer of Git LFS, not the file itself"
	case !bytes.Contains(content, []byte{0}):
		return path + " is a script whose first line names no interpreter (#!/bin/sh)"
	}
	return ""
}

func ofScript(path string, content []byte, files Files) string {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	words := strings.Fields(string(line[2:]))
	if len(words) == 0 {
		return path + " is a script whose first line names no interpreter (#!/bin/sh)"
	}
	if strings.HasSuffix(string(line), "\r") {
		return fmt.Sprintf(`its interpreter %q does not exist: the script has CRLF line ends`, words[len(words)-1]+"\r")
	}
	if _, err := files.Read(words[0], 0); errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("its interpreter %s is not in the image", words[0])
	}
	return ""
}

// machines maps the machine numbers of ELF to architectures.
var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_386: "386", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_RISCV: "riscv64",
	elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64", elf.EM_MIPS: "mips",
}

func ofProgram(path, architecture string, content []byte, files Files) string {
	file, err := elf.NewFile(bytes.NewReader(withoutSections(content)))
	if err != nil {
		return ""
	}
	defer file.Close()
	if machine := machines[file.Machine]; machine != "" && architecture != "" && machine != architecture {
		return fmt.Sprintf("%s is built for %s, the engine is %s", path, machine, architecture)
	}
	for _, p := range file.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(p.Open())
		loader := strings.TrimRight(string(name), "\x00")
		if err != nil || loader == "" {
			return ""
		}
		if _, err := files.Read(loader, 0); errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("%s needs %s, which is not in the image: it is linked with %s", path, loader, libraryOf(loader))
		}
	}
	return ""
}

// libraryOf names the C library to which a loader belongs.
func libraryOf(loader string) string {
	if strings.Contains(loader, "musl") {
		return "musl, as on Alpine; link it statically, or take an image that has it"
	}
	return "glibc, as on Debian; link it statically, or take an image that has it"
}

// withoutSections changes the header of a program so that it has no sections, as these
// are at its end, which is not read.
func withoutSections(content []byte) []byte {
	content = bytes.Clone(content)
	if len(content) < 64 {
		return content
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if elf.Data(content[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	if elf.Class(content[elf.EI_CLASS]) == elf.ELFCLASS64 {
		order.PutUint64(content[0x28:], 0)
		order.PutUint16(content[0x3c:], 0)
		order.PutUint16(content[0x3e:], 0)
	} else {
		order.PutUint32(content[0x20:], 0)
		order.PutUint16(content[0x30:], 0)
		order.PutUint16(content[0x32:], 0)
	}
	return content
}
