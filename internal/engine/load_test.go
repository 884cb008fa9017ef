// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"
)

func TestStreamError(t *testing.T) {
	const loaded = `{"stream":"Loaded image: a:1\n"}` + "\n"
	for _, test := range []struct{ about, in, want string }{
		{"none", loaded, ""},
		{"as engines have it", loaded + `{"errorDetail":{"message":"no space left"}}`, "no space left"},
		{"as older ones have it, too", `{"errorDetail":{"message":"no space left"},"error":"no space left"}`, "no space left"},
		{"in the old field alone", loaded + `{"error":"no space left"}`, "no space left"},
		{"cut", loaded + `{"stream":`, "unexpected EOF"},
	} {
		got := ""
		if err := streamError(strings.NewReader(test.in)); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: error %q, want %q", test.about, got, test.want)
		}
	}
}
