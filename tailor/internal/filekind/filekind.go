// SPDX-License-Identifier: Apache-2.0

package filekind

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Kind is what a file is.
type Kind struct {
	What string // that it is: "a Kubernetes manifest (kind Deployment)"
	Hint string // what to do
}

const kubernetes = "seatrial runs Compose files and swarm stacks; https://github.com/seatrial/seatrial/blob/main/docs/kubernetes.md shows how far seatrial.Docker with kubectl carries"

var (
	helmText   = regexp.MustCompile(`\{\{-?\s*(?:\.Values|\.Release|\.Chart|include |template |toYaml |range |if |with |define )`)
	fromLine   = regexp.MustCompile(`(?i)^(?:FROM\s+\S+(?:\s+AS\s+\S+)?|ARG\s+\w+(?:=\S*)?)$`)
	bakeTarget = regexp.MustCompile(`(?m)^(?:target|group)\s+"[^"]+"\s*\{`)
)

// Of returns what a file is, by its name and content. It is false if nothing tells that it is
// meant to be something else than a Compose file.
func Of(name string, content []byte) (k Kind, ok bool) {
	top, isMapping := topOf(content)
	has := func(keys ...string) bool {
		return isMapping && !slices.ContainsFunc(keys, func(key string) bool { return top[key] == nil })
	}
	if has("services") || has("include") {
		return Kind{}, false
	}
	base := filepath.Base(name)
	switch {
	case has("apiVersion", "kind"):
		return Kind{fmt.Sprintf("a Kubernetes manifest (kind %s)", top["kind"].Value), kubernetes}, true
	case has("apiVersion", "name", "version"), base == "Chart.yaml", helmText.Match(content):
		return Kind{"part of a Helm chart", kubernetes}, true
	case isMapping && (base == "values.yaml" || base == "values.yml"):
		return Kind{"the values of a Helm chart", kubernetes}, true
	case base == "devcontainer.json", base == ".devcontainer.json":
		return Kind{"the description of a dev container", devContainerHint(content)}, true
	case fromLine.MatchString(firstLine(content)):
		return Kind{"a Dockerfile", "seatrial.Build builds it; Run starts what was built"}, true
	case has("target") && filepath.Ext(base) == ".json", bakeTarget.Match(content):
		return Kind{"a Bake file", "it says how images are built; give the Compose file that runs them"}, true
	}
	return Kind{}, false
}

// topOf returns the values of the first document's keys.
func topOf(content []byte) (top map[string]*yaml.Node, isMapping bool) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&doc); err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, false
	}
	top = map[string]*yaml.Node{}
	pairs := doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		top[pairs[i].Value] = pairs[i+1]
	}
	return top, true
}

// firstLine returns the first line that is no comment.
func firstLine(content []byte) string {
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}

// The file is JSON with comments and commas at the end, for which the names of its Compose
// files need no parser.
var composeFiles = regexp.MustCompile(`"dockerComposeFile"\s*:\s*(\[[^\]]*\]|"[^"]*")`)

func devContainerHint(content []byte) string {
	m := composeFiles.FindSubmatch(content)
	if m == nil {
		return "it names no Compose file: seatrial.Build builds its Dockerfile, Run starts its image"
	}
	var names []string
	for _, name := range quoted.FindAllSubmatch(m[1], -1) {
		names = append(names, string(name[1]))
	}
	return "give the Compose files that its dockerComposeFile names: " + strings.Join(names, ", ")
}

var quoted = regexp.MustCompile(`"([^"]*)"`)
