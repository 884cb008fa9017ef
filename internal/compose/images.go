// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// build builds the images of the services as Build does, so that what is there is found and
// what is not is built once, whoever asks. Services then name the images, and Compose builds
// nothing.
func (c *composeCommand) build(ctx context.Context, say session.Progress) error {
	var builds []tailor.ServiceBuild
	for _, b := range c.plan.Builds {
		builds = append(builds, b.In(c.project))
	}
	refs, err := image.BuildServices(ctx, c.session, builds, say)
	if err != nil {
		return err
	}
	c.built = map[string]string{}
	for _, b := range builds {
		if b.Variable != "" {
			c.built[b.Variable] = refs[b.Service]
		}
	}
	for _, x := range c.plan.Contexts { // it stands in the override, and nothing is built from it any more
		c.built[x.Variable] = x.Context
	}
	built, policies := map[string]string{}, map[string]string{} // by service
	for _, s := range c.plan.Services {
		if ref := refs[s.BuiltBy]; ref != "" {
			built[s.Name] = ref
		}
	}
	for _, b := range builds {
		if b.Named != "" && refs[b.Service] == b.Named && image.IsRefreshed(b.Policy) { // Compose knows how old it is
			policies[b.Service] = b.Policy
		}
	}
	c.images = imagesFile(built, policies)
	return PullServices(ctx, c.session, c.plan, say)
}

// PullServices pulls what the engine does not have of the images of services, once for all
// who want it. Services with a policy of their own are left to Compose.
func PullServices(ctx context.Context, sess *session.Session, plan *tailor.Plan, say session.Progress) error {
	type wanted struct{ ref, platform string }
	var all []wanted
	for _, s := range plan.Services {
		if w := (wanted{s.Image, s.Platform}); IsPulled(s) && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return parallel.Do(all, func(w wanted) error {
		return hintReplaced(image.Provide(ctx, sess, w.ref, w.platform, say), sess.OfCommand)
	})
}

// hintReplaced says below a pull that failed what needs none, if no other hint fits better.
func hintReplaced(err error, options bool) error {
	var refused *engine.CommandError
	if err = report.Hinted(err); !errors.As(err, &refused) || strings.Contains(err.Error(), "hint: ") {
		return err
	}
	if options {
		return fmt.Errorf("%w\n    hint: --image or --stand-in puts another image in its place", err)
	}
	return fmt.Errorf("%w\n    hint: Images or StandIns puts another image in its place", err)
}

// IsPulled reports whether the image of a service is pulled when the engine does not
// have it.
func IsPulled(s tailor.Service) bool {
	own := s.PullPolicy != "" && s.PullPolicy != "missing" && s.PullPolicy != "if_not_present"
	return s.BuiltBy == "" && !own && s.Image != "" && !strings.Contains(s.Image, "${")
}

// imagesFile returns a Compose file that runs what was built. Some have a policy for
// being pulled.
func imagesFile(built, policies map[string]string) []byte {
	if len(built) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString("services:\n")
	for _, service := range slices.Sorted(maps.Keys(built)) {
		key, _ := json.Marshal(service)
		ref, _ := json.Marshal(environ.Escape(built[service]))
		policy, _ := json.Marshal(cmp.Or(policies[service], "never"))
		fmt.Fprintf(&b, "  %s: {image: %s, build: !reset null, pull_policy: %s}\n", key, ref, policy)
	}
	return b.Bytes()
}
