// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// picture is the screen of pictures in docs.
var picture = Screen{Width: 1100, Height: 1280}

// Shoot writes a picture of the report in an artifact directory to a PNG file. Texts of this
// machine, and what stands in place of them, are given in pairs.
func (b *Browser) Shoot(t enginetest.TB, dir, file string, pairs ...string) {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shown := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(shown, []byte(strings.NewReplacer(append(pairs, wd, "/src/shop/e2e")...).Replace(string(content))), 0o600); err != nil {
		t.Fatal(err)
	}
	shot, err := small(b.Open(t, "file://"+shown, picture).Screenshot())
	if err == nil {
		err = os.WriteFile(file, shot, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// small returns a picture of 256 colours: those that it has most of. A page has few, but for
// the edges of letters.
func small(shot []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	area := full.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			count[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	reduced := image.NewPaletted(area, palette)
	draw.Draw(reduced, area, full, area.Min, draw.Src)
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced)
	return out.Bytes(), err
}
