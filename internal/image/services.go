// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// BuildServices builds images of services, each once and after those that it needs,
// and returns the references by service. If an image cannot be built, those that
// need it are not built either.
func BuildServices(ctx context.Context, sess *session.Session, builds []tailor.ServiceBuild, say session.Progress) (map[string]string, error) {
	images := map[string]func() (string, error){}
	for _, b := range builds { // builds are sorted: needs come first
		images[b.Service] = sync.OnceValues(func() (string, error) {
			needs := map[string]string{}
			for _, service := range b.Needs() {
				ref, err := images[service]()
				if err != nil {
					return "", err
				}
				needs[service] = ref
			}
			ref, err := buildService(ctx, sess, b, needs, say)
			if err != nil {
				err = fmt.Errorf("%s:%d: service %s: %w", b.File, b.Line, b.Service, err)
			}
			return ref, err
		})
	}
	refs := map[string]string{}
	var errs []error
	var mu sync.Mutex
	_ = parallel.Do(builds, func(b tailor.ServiceBuild) error {
		ref, err := images[b.Service]()
		mu.Lock()
		defer mu.Unlock()
		refs[b.Service] = ref
		if err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	// An error of a base is also that of every image that builds on it.
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return refs, errors.Join(slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })...)
}

// buildService builds the image of a service, on the images of others that it needs,
// and returns its reference. If the files prefer a named image, it returns that one.
func buildService(ctx context.Context, sess *session.Session, b tailor.ServiceBuild, needs map[string]string, say session.Progress) (string, error) {
	if b.Named != "" {
		if has, err := prefersNamed(ctx, sess, b, say); has || err != nil {
			return b.Named, err
		}
	}
	in, err := serviceInput(sess, b, needs)
	if err != nil {
		return "", err
	}
	image, err := buildFrom(ctx, sess, in, say)
	if err != nil {
		return "", in.failed(err)
	}
	return image.Ref, nil
}

// prefersNamed reports whether to use the named image of a service instead of building
// it. It pulls the image according to its policy; as with Compose, a failed pull is no
// error.
func prefersNamed(ctx context.Context, sess *session.Session, b tailor.ServiceBuild, say session.Progress) (has bool, err error) {
	ref := b.Named
	if b.Policy == "always" {
		err = Pull(ctx, sess, ref, b.Platform, true, say)
	} else if b.Policy != "never" {
		err = Provide(ctx, sess, ref, b.Platform, say)
	}
	if ctx.Err() != nil {
		return false, err
	}
	if err != nil {
		sess.Artifacts.Note("service %s: %v", b.Service, err)
	}
	has, err = sess.Engine.HasImage(ctx, ref, b.Platform)
	if err == nil && !has {
		sess.Artifacts.Note("service %s: image %s is not there, and is built", b.Service, ref)
	}
	return has, err
}

// IsRefreshed reports whether a pull policy depends on the age of an image.
func IsRefreshed(policy string) bool {
	return !slices.Contains([]string{"missing", "if_not_present", "always", "never"}, policy)
}

// serviceInput returns the input of a service's image.
func serviceInput(sess *session.Session, b tailor.ServiceBuild, needs map[string]string) (*input, error) {
	s := spec.Image{Context: b.Context, Dockerfile: b.Dockerfile, Target: b.Target, Platform: b.Platform, Files: b.Files,
		Args: b.Args, Images: maps.Clone(b.Images), SSH: b.SSH, NoCache: b.NoCache}
	for ref, service := range b.From {
		s.Images[ref] = needs[service]
	}
	if b.Inline != "" {
		var err error
		if s.Dockerfile, err = sess.Artifacts.Write(b.Service+".Dockerfile", []byte(b.Inline)); err != nil {
			return nil, err
		}
	}
	if slices.Contains(b.SSH, "default") && environ.Map(sess.Engine.Environ())["SSH_AUTH_SOCK"] == "" {
		return nil, errors.New("ssh of its build wants an agent, and SSH_AUTH_SOCK is not set")
	}
	var in *input
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
			from = ContextImage + needs[service]
		}
		in.contexts = append(in.contexts, namedContext{name: name, from: from})
	}
	return in, nil
}
