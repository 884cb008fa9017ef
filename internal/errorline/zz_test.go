package errorline

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	b, _ := os.ReadFile(os.Getenv("ZZ"))
	lines := clean(strings.Split(strings.TrimRight(string(b), "\n"), "\n"))
	ev := eventsOf(lines)
	ranked(ev, lines)
	for _, e := range ev {
		fmt.Printf("%3d-%3d w%d p%5.1f exc=%v diag=%v vague=%v | %.150s\n", e.line, e.end, e.weight, e.points, e.exception, e.diagnostic, vague(e.text), e.text)
	}
}
