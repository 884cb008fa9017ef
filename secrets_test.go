// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/wait"
)

// What secrets of a project hold, in a file or in a variable, stands in nothing that
// its test leaves, whatever the containers print.
func TestSecretsOfProjectAreHidden(t *testing.T) {
	t.Parallel()
	img := probe(t)
	const text = `services:
  web:
    image: example/probe:1
    command: ["-stat", "/run/secrets/file", "-stat", "/run/secrets/variable", "-print", "ready", "-serve", ":80"]
    secrets: [file, variable]
secrets:
  file: {file: ./key.txt}
  variable: {environment: LICENCE}
`
	s := project(t, img, text)
	writeFile(t, filepath.Join(s.Files[0], "key.txt"), "not-for-eyes\n")
	s.Env = map[string]string{"LICENCE": "nor-this-one"}
	web := seatrial.Up(t, s).Service(t, "web")
	web.Wait(t, wait.Log("ready"))
	failing := project(t, img, strings.ReplaceAll(text, `"-serve", ":80"`, `"-exit", "3"`))
	writeFile(t, filepath.Join(failing.Files[0], "key.txt"), "not-for-eyes\n")
	failing.Env, failing.Ready = s.Env, map[string]wait.Condition{"web": wait.Log("never")}
	r := mustFail(t, "code 3", func(t seatrial.T) { seatrial.Up(t, failing) })
	if !strings.Contains(r.Errors(), "[hidden]") || strings.Contains(r.Errors(), "not-for-eyes") || strings.Contains(r.Errors(), "nor-this-one") {
		t.Errorf("what secrets hold is told:\n%s", r.Errors())
	}
	for name, content := range artifacts(t) {
		for _, secret := range []string{"not-for-eyes", "nor-this-one"} {
			if strings.Contains(content, secret) {
				t.Errorf("%s: %q", name, content)
			}
		}
	}
}
