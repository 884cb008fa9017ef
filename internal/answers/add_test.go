// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"strings"
	"testing"
)

// What is added stands in its section, whatever the form of that; all else stays as it was.
func TestAdd(t *testing.T) {
	t.Parallel()
	volume := Question{`compose.yaml:6 volume data: volume "data" is external`, []Way{{"Volumes", "data", "", "makes an empty one"}}}
	socket := Question{"compose.yaml:2 the socket", []Way{{"Allow", "docker-socket", "", "accepts it"}}}
	const network = `# compose.yaml:4 network proxy: network "proxy" is external (every copy would join it)
  #   proxy: ""  makes one for each copy
  #   proxy: proxy  shares it
  #   or, at the left margin, isolate: true  settles this and its like
  proxy: ""
`
	for about, test := range map[string]struct {
		before    string
		questions []Question
		want      string
	}{
		"nothing":          {"", []Question{proxy}, "\nnetworks:\n  " + network},
		"comments alone":   {"# mine", []Question{proxy}, "# mine\n\nnetworks:\n  " + network},
		"another section":  {"isolate: false # so\n", []Question{proxy}, "isolate: false # so\n\nnetworks:\n  " + network},
		"its section":      {"networks:\n  # why\n  a: b # so\n\n# of ports\nports: [1]\n", []Question{proxy}, "networks:\n  # why\n  a: b # so\n  " + network + "\n# of ports\nports: [1]\n"},
		"in braces":        {"# of networks\nnetworks: {a: b,\n  c: ''} # so\nisolate: false\n", []Question{proxy}, "# of networks\n# so\nnetworks:\n  a: b\n  c: ''\n  " + network + "isolate: false\n"},
		"an empty section": {"networks: {}\n", []Question{proxy}, "networks:\n  " + network},
		"no value":         {"networks:\n  # a: b\n", []Question{proxy}, "networks:\n  # a: b\n  " + network},
		"a list":           {"allow:\n- a\n", []Question{socket}, "allow:\n- a\n# compose.yaml:2 the socket\n#   - docker-socket  accepts it\n# - docker-socket\n"},
		"a list in braces": {"allow: [a]\n", []Question{socket}, "allow:\n  - a\n  # compose.yaml:2 the socket\n  #   - docker-socket  accepts it\n  # - docker-socket\n"},
		"two sections":     {"volumes: {}\nnetworks:\n  a:\n", []Question{proxy, volume}, "volumes:\n  # compose.yaml:6 volume data: volume \"data\" is external\n  #   data: \"\"  makes an empty one\n  data: \"\"\nnetworks:\n  a:\n  " + network},
		"no answer":        {"isolate: false\n", []Question{{"compose.yaml:1 it is missing", nil}}, "isolate: false\n\n# Nothing that stands here settles this:\n# compose.yaml:1 it is missing\n"},
	} {
		got, err := Add([]byte(test.before), test.questions)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", about, err, got, test.want)
		}
		for _, q := range test.questions {
			if !Asked(got, q) || Asked([]byte(test.before), q) {
				t.Errorf("%s: it is asked %t, before %t", about, Asked(got, q), Asked([]byte(test.before), q))
			}
		}
	}
	for content, want := range map[string]string{
		"{networks: {a: b}}\n":               "do not stand on lines of their own",
		"volumes: &v {a: b}\nnetworks: *v\n": "", // by the YAML library
		"networks:\n  proxy: other\n":        "stands in line 2, too",
	} {
		if got, err := Add([]byte(content), []Question{proxy}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q\n%s", content, err, want, got)
		}
	}
	moved := proxy
	moved.What = strings.Replace(moved.What, ":4 ", ":40 ", 1)
	if !Asked([]byte("networks:\n  "+network), moved) || Asked([]byte("networks:\n  "+network), volume) {
		t.Error("a question is known by its words, without the line")
	}
}
