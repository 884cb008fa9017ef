// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"time"
)

// Kinds of events. Their names and fields are documented in docs/command.md.
const (
	KindMessage = "message" // something that people should know
	KindWarning = "warning"
	KindBuild   = "build"
	KindPull    = "pull"
	KindService = "service"
)

// States of builds, pulls and services.
const (
	Began = "began"
	Step  = "step" // of a build
	Layer = "layer"
	Done  = "done"

	Created   = "created"
	Started   = "started"
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
	Exited    = "exited"  // by itself
	Stopped   = "stopped" // as it was asked to, by an update say
	Ready     = "ready"
)

// An Event is a fact about work in progress.
type Event struct {
	Kind  string `json:"event"`
	Text  string `json:"text,omitempty"`  // of a message or a warning
	Image string `json:"image,omitempty"` // the image that is built or pulled
	State string `json:"state,omitempty"`

	Step string `json:"step,omitempty"` // [build 2/3] RUN make

	Layers   int   `json:"layers,omitempty"`   // known so far
	Here     int   `json:"here,omitempty"`     // of these, those that are complete
	Bytes    int64 `json:"bytes,omitempty"`    // received so far
	AllBytes int64 `json:"allBytes,omitempty"` // of the layers whose download has begun

	Service string `json:"service,omitempty"`
	Number  int    `json:"number,omitempty"` // of the replica, from 1
	Code    *int   `json:"exitCode,omitempty"`

	Took time.Duration `json:"-"` // until it was done or ready
}

// name returns the name of a container for people: web, web-2.
func (e Event) name() string {
	if e.Number > 1 {
		return fmt.Sprintf("%s-%d", e.Service, e.Number)
	}
	return e.Service
}

// String returns the event as a line of a log, or "" if it is not worth one.
func (e Event) String() string {
	switch {
	case e.Kind == KindMessage:
		return e.Text
	case e.Kind == KindWarning:
		return "warning: " + e.Text
	case e.Kind == KindBuild && e.State == Step:
		return fmt.Sprintf("building %s: %s", e.Image, e.Step)
	case e.Kind == KindBuild && e.State == Done:
		return fmt.Sprintf("built %s%s", e.Image, e.took("in"))
	case e.Kind == KindPull && e.State == Began:
		return "pulling image " + e.Image
	case e.Kind == KindPull && e.State == Done:
		return fmt.Sprintf("pulled image %s%s", e.Image, e.took("in"))
	case e.Kind == KindService && e.State == Exited && e.Code != nil:
		return fmt.Sprintf("%s exited with code %d", e.name(), *e.Code)
	case e.Kind == KindService && e.State == Unhealthy:
		return e.name() + " is unhealthy"
	case e.Kind == KindService && e.State == Started:
		return e.name() + " started"
	case e.Kind == KindService && e.State == Ready && e.Took > 0: // without Took it was ready before
		return fmt.Sprintf("%s ready%s", e.name(), e.took("after"))
	}
	return ""
}

func (e Event) took(word string) string {
	if e.Took == 0 {
		return ""
	}
	return fmt.Sprintf(", %s %v", word, short(e.Took))
}

// short rounds a time for people.
func short(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}
