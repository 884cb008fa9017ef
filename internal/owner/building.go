// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Built images lie below this name, so that no engine ever tries to pull one.
const ImageRoot = "localhost/seatrial/"

// BuildingPattern matches the names that images have while they are built.
const BuildingPattern = ImageRoot + "*:" + building + "*"

// CommitPattern matches the names of images that were made of containers.
const CommitPattern = ImageRoot + "*:commit-*"

const building = "building-"

// Building returns a name for an image while it is built. A built image is no
// run's, and carries no label of one; so the name itself says who is at work.
func Building(name string, t Tuple) string {
	p := t.Process
	parts := []string{t.Run, NewID(), strconv.FormatInt(t.Until.Unix(), 10),
		brief(p.User), brief(p.Boot), brief(p.Space), strconv.Itoa(p.PID), p.Start}
	return ImageRoot + name + ":" + building + strings.Join(parts, "_")
}

// ReadBuilding reads such a name into labels that a [Judge] understands. Self is
// who wants to know: of other users, machines and namespaces the name says only
// that they are others.
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

// brief makes what may be long, and hold any character, fit into a tag, which
// has at most 128 of [A-Za-z0-9_.-].
func brief(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// whole returns mine if that is what was made brief.
func whole(short, mine string) string {
	if short == brief(mine) {
		return mine
	}
	return short
}
