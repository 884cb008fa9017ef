// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/tailor"
)

// ownerFile returns a Compose file, in JSON, that puts the owner's labels on all
// that the project makes.
func ownerFile(project string, tuple owner.Tuple, plan *tailor.Plan) []byte {
	type labelled struct {
		Labels map[string]string `json:"labels"`
	}
	labelWith := func(tuple owner.Tuple, kind, name string) labelled {
		labels := tuple.On(kind, name).Labels()
		for key, value := range labels {
			labels[key] = environ.Escape(value)
		}
		return labelled{Labels: labels}
	}
	label := func(kind, name string) labelled { return labelWith(tuple, kind, name) }
	file := struct {
		Services map[string]labelled `json:"services"`
		Networks map[string]labelled `json:"networks,omitempty"`
		Volumes  map[string]labelled `json:"volumes,omitempty"`
	}{map[string]labelled{}, map[string]labelled{}, map[string]labelled{}}
	for _, s := range plan.Services {
		name := project + "-" + s.Name + owner.Replica
		if given := strings.ReplaceAll(s.ContainerName, "${COMPOSE_PROJECT_NAME}", project); given != s.ContainerName {
			name = given + owner.Or + name
		}
		service := label(owner.Container, name)
		if len(s.Contents) > 0 { // so that Compose makes another container when it changes
			sum := sha256.Sum256([]byte(project + "\x00" + strings.Join(s.Contents, "\x00")))
			service.Labels[owner.LabelContents] = hex.EncodeToString(sum[:4]) // too short to guess a secret by
		}
		file.Services[s.Name] = service
	}
	// Names of networks and volumes may hold the project's anywhere.
	for _, key := range plan.Networks {
		file.Networks[key] = label(owner.Network, "*"+project+"*")
	}
	for _, key := range plan.Volumes {
		file.Volumes[key] = labelWith(tuple.Data(), owner.Volume, "*"+project+"*")
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them
	}
	return content
}
