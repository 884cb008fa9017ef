// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
)

// A service depends on what its dependencies depend on, too, and never ends in a circle.
func TestDependsOn(t *testing.T) {
	t.Parallel()
	var all []*container.Container
	for service, on := range map[string]string{
		"db": "", "api": "db:service_healthy:false,cache:service_started:true", "cache": "", "web": "api:service_healthy:false",
		"a": "b:service_started:false", "b": "a:service_started:false",
	} {
		all = append(all, &container.Container{Labels: map[string]string{engine.ComposeService: service, engine.ComposeDependsOn: on}})
	}
	var got []string
	for _, service := range []string{"db", "api", "cache", "web", "a", "b", "none"} {
		if dependsOn(all, service, "db", map[string]bool{}) {
			got = append(got, service)
		}
	}
	if want := []string{"api", "web"}; !slices.Equal(got, want) {
		t.Errorf("%q depend on db, want %q", got, want)
	}
}

func TestChangesAsText(t *testing.T) {
	t.Parallel()
	c := &Changes{Created: []string{"queue"}, Recreated: []string{"web", "web-2"}}
	if got, want := c.String(), "created queue; recreated web, web-2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Of ten or more containers, the order of their names is not that of their numbers.
func TestInOrder(t *testing.T) {
	t.Parallel()
	var among []*container.Container
	for _, name := range []string{"db-1", "web-1", "web-10", "web-11", "web-2", "web-9"} {
		service, number, _ := strings.Cut(name, "-")
		among = append(among, &container.Container{Labels: map[string]string{engine.ComposeService: service, engine.ComposeNumber: number}})
	}
	var got []string
	for _, c := range inOrder(among, []string{"web", "db", "none"}) {
		got = append(got, placeOf(c.Labels).String())
	}
	if want := []string{"web", "web-2", "web-9", "web-10", "web-11", "db"}; !slices.Equal(got, want) {
		t.Errorf("in order they are %q, want %q", got, want)
	}
}
