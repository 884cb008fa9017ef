// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// ImageRoot is the prefix of built images, which no engine ever tries to pull.
const ImageRoot = "localhost/seatrial/"

// BuildingPattern matches the names that images have while they are built.
const BuildingPattern = ImageRoot + "*:" + building + "*"

// CommitPattern matches the names of images that were made of containers.
const CommitPattern = ImageRoot + "*:commit-*"

const building = "building-"

// Building returns a name for an image during its build. As a built image belongs
// to no run and has no labels of one, the name itself says who builds it.
func Building(name string, t Tuple) string {
	p := t.Process
	parts := []string{t.Run, NewID(), strconv.FormatInt(t.Until.Unix(), 10),
		brief(p.User), brief(p.Boot), brief(p.Space), strconv.Itoa(p.PID), p.Start}
	return ImageRoot + name + ":" + building + strings.Join(parts, "_")
}

// ReadBuilding converts such a name into labels that a [Judge] understands. It
// compares with self: other users, machines and namespaces are known only to be
// different.
func ReadBuilding(ref string, self Process) (labels map[string]string, ok bool) {
	name, tag, _ := strings.Cut(ref, ":")
	tag, ours := strings.CutPrefix(tag, building)
	parts := strings.Split(tag, "_")
	if !strings.HasPrefix(name, ImageRoot) || !ours || len(parts) != 8 {
		return nil, false
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	pid, failed := strconv.Atoi(parts[6])
	if err != nil || failed != nil || pid <= 0 {
		return nil, false
	}
	p := Process{User: whole(parts[3], self.User), Boot: whole(parts[4], self.Boot), Space: whole(parts[5], self.Space), PID: pid, Start: parts[7]}
	return Tuple{Kind: Image, Name: ref, Run: parts[0], Scope: parts[1], Process: p, Until: time.Unix(until, 0)}.Labels(), true
}

// brief hashes a string of any length and characters for a tag, which has at most
// 128 of [A-Za-z0-9_.-].
func brief(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// whole returns mine if short is its brief form.
func whole(short, mine string) string {
	if short == brief(mine) {
		return mine
	}
	return short
}
