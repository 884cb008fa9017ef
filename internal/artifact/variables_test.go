// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A variable that looks like a password is hidden where it is set, and its value is
// shown everywhere else. A declared secret is hidden everywhere.
func TestWriteJSON(t *testing.T) {
	t.Parallel()
	d := Use(t.TempDir())
	d.Hide("declared-value")
	err := d.WriteJSON("x.json", json.RawMessage(`{"Env":["POSTGRES_PASSWORD=postgres","PGUSER=postgres","POSTGRES_PASSWORD_FILE=/run/secrets/pw","PWD=/src","EMPTY_PASSWORD=","KEY=declared-value"],
"environment":{"API_TOKEN":"a\"b","DB_PASS":"x","LOG":"postgres","COMPASS":"north","TOKENS":null},"secrets":[{"source":"pw"}],"Cmd":["-e","MY_SECRET=one two","a && b"]}`))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(d.Path(), "x.json"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "Env": [
    "POSTGRES_PASSWORD=[hidden]",
    "PGUSER=postgres",
    "POSTGRES_PASSWORD_FILE=/run/secrets/pw",
    "PWD=/src",
    "EMPTY_PASSWORD=",
    "KEY=[hidden]"
  ],
  "environment": {
    "API_TOKEN": "[hidden]",
    "DB_PASS": "[hidden]",
    "LOG": "postgres",
    "COMPASS": "north",
    "TOKENS": null
  },
  "secrets": [
    {
      "source": "pw"
    }
  ],
  "Cmd": [
    "-e",
    "MY_SECRET=[hidden]",
    "a && b"
  ]
}
`
	if got := string(content); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
