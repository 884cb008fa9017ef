// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"strings"
	"testing"
)

func TestTelling(t *testing.T) {
	tests := []struct{ about, log, want string }{
		{"nothing", "", ""},
		{"blank lines", "\n  \n", ""},
		{"the last line", "starting\nbye", "bye"},
		{"only indented lines", "\tat a\n\tat b", "at b"},
		{"Go panics", "up\npanic: cannot parse config: line 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5 +0x1d\nexit status 2", "panic: cannot parse config: line 3"},
		{"Python raises", "Traceback (most recent call last):\n  File \"app.py\", line 2, in <module>\n    main()\nValueError: no licence", "ValueError: no licence"},
		{"Java throws", "Exception in thread \"main\" java.lang.IllegalStateException: port taken\n\tat Main.main(Main.java:3)\nCaused by: java.net.BindException: Address in use\n\tat x.Failing.error(Failing.java:1)\n\t... 3 more", "Caused by: java.net.BindException: Address in use"},
		{"Node throws", "/app/i.js:1\nthrow new Error('no DATABASE_URL')\n^\n\nError: no DATABASE_URL\n    at Object.<anonymous> (/app/i.js:1:7)\n\nNode.js v20.1.0", "Error: no DATABASE_URL"},
		{"what comes after it is not trouble", "open /data/x: read-only file system\nbye", "open /data/x: read-only file system"},
		{"the last trouble counts", "error: retrying\nfatal: gave up\nbye", "fatal: gave up"},
		{"colours", "\x1b[31mERROR\x1b[0m: no disk\r", "ERROR: no disk"},
		{"a long line", strings.Repeat("é", tellingRunes) + "x", strings.Repeat("é", tellingRunes) + "…"},
		{"trouble of long ago", "error: old\n" + strings.Repeat("ok\n", tellingLines), "ok"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			if got := ErrorLine(strings.Split(test.log, "\n")); got != test.want {
				t.Errorf("Telling(%q) = %q, want %q", test.log, got, test.want)
			}
		})
	}
}
