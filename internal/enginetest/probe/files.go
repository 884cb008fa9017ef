// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func id() error {
	dir, err := os.Getwd()
	say(fmt.Sprintf("%d:%d %s", os.Getuid(), os.Getgid(), dir))
	return err
}

func stat(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	line := info.Mode().String() + " " + ownerOf(info)
	if info.Mode()&os.ModeSymlink != 0 {
		to, err := os.Readlink(path)
		say(line + " -> " + to)
		return err
	}
	if info.Mode().IsRegular() {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		line += " " + string(content)
	}
	say(line)
	return nil
}

func write(arg string) error {
	path, text, _ := strings.Cut(arg, "=")
	return os.WriteFile(path, []byte(text), 0o640)
}

func copyFile(arg string) error {
	from, to, _ := strings.Cut(arg, "=")
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

func eat(arg string) error {
	n, err := strconv.Atoi(arg)
	if err != nil {
		return err
	}
	memory := make([]byte, n<<20)
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	say("ate " + arg)
	return nil
}
