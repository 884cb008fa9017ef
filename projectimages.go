// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// build builds the images of the services as Build does, so that what is there is
// found and what is not is built once, whoever asks. Services then name the images,
// and Compose builds nothing.
func (e *revision) build(ctx context.Context, say progress) error {
	var builds []tailor.ServiceBuild
	for _, b := range e.plan.Builds {
		builds = append(builds, b.In(e.p.Name))
	}
	refs, err := e.p.session.buildServices(ctx, builds, say)
	if err != nil {
		return err
	}
	e.built = map[string]string{}
	for _, b := range builds {
		if b.Variable != "" {
			e.built[b.Variable] = refs[b.Service]
		}
	}
	for _, c := range e.plan.Contexts { // it stands in the override, and nothing is built from it any more
		e.built[c.Variable] = c.Context
	}
	built, policies := map[string]string{}, map[string]string{} // by service
	for _, s := range e.plan.Services {
		if ref := refs[s.BuiltBy]; ref != "" {
			built[s.Name] = ref
		}
	}
	for _, b := range builds {
		if b.Named != "" && refs[b.Service] == b.Named && isRefreshed(b.Policy) { // Compose knows how old it is
			policies[b.Service] = b.Policy
		}
	}
	e.images = imagesFile(built, policies)
	return e.p.session.pullAll(ctx, e.plan, say)
}

// buildServices builds images of services, each once and after those that it needs,
// and returns the references by service. What builds on something that cannot be
// built is not built.
func (sc *session) buildServices(ctx context.Context, builds []tailor.ServiceBuild, say progress) (map[string]string, error) {
	images := map[string]func() (string, error){}
	for _, b := range builds { // what each needs comes before it
		images[b.Service] = sync.OnceValues(func() (string, error) {
			needs := map[string]string{}
			for _, service := range b.Needs() {
				ref, err := images[service]()
				if err != nil {
					return "", err
				}
				needs[service] = ref
			}
			ref, err := sc.buildService(ctx, b, needs, say)
			if err != nil {
				err = fmt.Errorf("%s:%d: service %s: %w", b.File, b.Line, b.Service, err)
			}
			return ref, err
		})
	}
	refs := map[string]string{}
	var errs []error
	var mu sync.Mutex
	_ = inParallel(builds, func(b tailor.ServiceBuild) error {
		ref, err := images[b.Service]()
		mu.Lock()
		defer mu.Unlock()
		refs[b.Service] = ref
		if err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	// The error of a base is that of all that build on it.
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return refs, errors.Join(slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })...)
}

// pullAll pulls what the engine does not have of the images of services, once for all
// who want it. Services with a policy of their own are left to Compose.
func (sc *session) pullAll(ctx context.Context, plan *tailor.Plan, say progress) error {
	type wanted struct{ ref, platform string }
	var all []wanted
	for _, s := range plan.Services {
		if w := (wanted{s.Image, s.Platform}); isPulled(s) && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return inParallel(all, func(w wanted) error { return sc.provide(ctx, w.ref, w.platform, say) })
}

// isPulled reports whether the image of a service is pulled when the engine does not
// have it.
func isPulled(s tailor.Service) bool {
	own := s.PullPolicy != "" && s.PullPolicy != "missing" && s.PullPolicy != "if_not_present"
	return s.BuiltBy == "" && !own && s.Image != "" && !strings.Contains(s.Image, "${")
}

// buildService builds the image of a service, on the images of others that it needs,
// and returns its reference; or that of the image that the files prefer.
func (sc *session) buildService(ctx context.Context, b tailor.ServiceBuild, needs map[string]string, say progress) (string, error) {
	if b.Named != "" {
		if has, err := sc.prefers(ctx, b, say); has || err != nil {
			return b.Named, err
		}
	}
	in, err := sc.serviceInput(b, needs)
	if err != nil {
		return "", err
	}
	image, err := sc.buildInput(ctx, in, say)
	if err != nil {
		return "", fmt.Errorf("building %s: %w", in.dockerfile, err)
	}
	return image.Ref, nil
}

// prefers reports whether the engine has the named image of a service that could be
// built instead, and pulls it as its policy says. As with Compose, one that cannot be
// pulled is no error.
func (sc *session) prefers(ctx context.Context, b tailor.ServiceBuild, say progress) (has bool, err error) {
	ref := b.Named
	if b.Policy == "always" {
		err = sc.pullOnce(ctx, ref, b.Platform, true, say)
	} else if b.Policy != "never" {
		err = sc.provide(ctx, ref, b.Platform, say)
	}
	if ctx.Err() != nil {
		return false, err
	}
	if err != nil {
		sc.dir.Note("service %s: %v", b.Service, err)
	}
	has, err = sc.engine.HasImage(ctx, ref, b.Platform)
	if err == nil && !has {
		sc.dir.Note("service %s: image %s is not there, and is built", b.Service, ref)
	}
	return has, err
}

// isRefreshed tells whether a pull policy depends on the age of an image.
func isRefreshed(policy string) bool {
	return !slices.Contains([]string{"missing", "if_not_present", "always", "never"}, policy)
}

// serviceInput returns what goes into the image of a service.
func (sc *session) serviceInput(b tailor.ServiceBuild, needs map[string]string) (*buildInput, error) {
	s := spec.Image{Context: b.Context, Dockerfile: b.Dockerfile, Target: b.Target, Platform: b.Platform, Files: b.Files,
		Args: b.Args, Images: maps.Clone(b.Images), SSH: b.SSH, NoCache: b.NoCache}
	for ref, service := range b.From {
		s.Images[ref] = needs[service]
	}
	if b.Inline != "" {
		var err error
		if s.Dockerfile, err = sc.dir.Write(b.Service+".Dockerfile", []byte(b.Inline)); err != nil {
			return nil, err
		}
	}
	if slices.Contains(b.SSH, "default") && variables(sc.engine.Environ())["SSH_AUTH_SOCK"] == "" {
		return nil, errors.New("ssh of its build wants an agent, and SSH_AUTH_SOCK is not set")
	}
	var in *buildInput
	if filepath.IsAbs(b.Context) {
		var err error
		if in, err = readInput(s); err != nil {
			return nil, err
		}
	} else {
		in = remoteInput(s, b.Service)
	}
	for _, secret := range b.Secrets {
		in.secrets = append(in.secrets, engine.BuildSecret{ID: secret.ID, File: secret.File, Value: secret.Value})
	}
	in.flags, in.pull, in.tailored = b.Flags, b.Pull, true
	for _, name := range slices.Sorted(maps.Keys(b.Contexts)) {
		from := b.Contexts[name]
		if service, ok := strings.CutPrefix(from, "service:"); ok {
			from = imageContext + needs[service]
		}
		in.contexts = append(in.contexts, namedContext{name: name, from: from})
	}
	return in, nil
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
		ref, _ := json.Marshal(literal(built[service]))
		policy, _ := json.Marshal(cmp.Or(policies[service], "never"))
		fmt.Fprintf(&b, "  %s: {image: %s, build: !reset null, pull_policy: %s}\n", key, ref, policy)
	}
	return b.Bytes()
}
