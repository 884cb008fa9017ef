// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// build builds the images of the services as Build does, so that what is there is
// found and what is not is built once, whoever asks. What it has no words for is
// left to Compose's own build. Services then name the images.
func (e *edition) build(ctx context.Context, say progress) error {
	builds := map[string]tailor.ServiceBuild{} // by service
	tags := map[string]string{}                // service by tag
	for _, b := range e.plan.Builds {
		if info, err := os.Stat(b.Context); len(b.Other) > 0 || !filepath.IsAbs(b.Context) || err != nil || !info.IsDir() {
			if len(b.Files) > 0 {
				return fmt.Errorf("service %s: its build has %s, which Compose alone can build, and it has no Builds.Files", b.Service, list(b.Other))
			}
			continue
		}
		builds[b.Service] = b
		if b.Tag != "" && tags[b.Tag] == "" {
			tags[b.Tag] = b.Service
		}
	}
	needs := needed(builds, tags)
	images := map[string]func() (*Image, error){}
	for name, b := range builds {
		images[name] = sync.OnceValues(func() (*Image, error) {
			refs := map[string]string{}
			for old, ref := range b.Images {
				if base := tags[ref]; base == "" {
					refs[old] = ref
				} else if slices.Contains(needs[name], base) {
					image, err := images[base]()
					if err != nil {
						return nil, err
					}
					refs[old] = image.Ref
				}
			}
			image, err := e.p.scope.buildService(ctx, b, refs, say)
			if err != nil {
				err = fmt.Errorf("service %s: %w", name, err)
			}
			return image, err
		})
	}
	built := map[string]string{} // reference by service
	var errs []error
	var mu sync.Mutex
	_ = inParallel(e.plan.Services, func(s tailor.Service) error {
		name := s.Name
		if images[name] == nil {
			if name = tags[s.Image]; s.Build || name == "" || s.Image == "" {
				return nil
			}
		}
		image, err := images[name]()
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		built[s.Name] = image.Ref
		return nil
	})
	if len(errs) > 0 { // that of a base is that of all that build on it
		slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return errors.Join(slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })...)
	}
	e.images = imagesFile(built)
	return e.pull(ctx, built, say)
}

// pull pulls what the engine does not have, once for all who want it. Services with
// a policy of their own are left to Compose.
func (e *edition) pull(ctx context.Context, built map[string]string, say progress) error {
	type wanted struct{ ref, platform string }
	var all []wanted
	for _, s := range e.plan.Services {
		own := s.PullPolicy != "" && s.PullPolicy != "missing" && s.PullPolicy != "if_not_present"
		w := wanted{s.Image, s.Platform}
		if s.Build || own || s.Image == "" || built[s.Name] != "" || strings.Contains(s.Image, "${") || slices.Contains(all, w) {
			continue
		}
		all = append(all, w)
	}
	return inParallel(all, func(w wanted) error { return e.p.scope.provide(ctx, w.ref, w.platform, say) })
}

// needed tells which services build on the images of which others. One that
// builds on its own tag means what a registry has under that name.
func needed(builds map[string]tailor.ServiceBuild, tags map[string]string) map[string][]string {
	const under, done = 1, 2
	state, needs := map[string]int{}, map[string][]string{}
	var visit func(name string)
	visit = func(name string) {
		state[name] = under
		for _, ref := range builds[name].Images {
			base := tags[ref]
			if base == "" || state[base] == under {
				continue
			}
			needs[name] = append(needs[name], base)
			if state[base] != done {
				visit(base)
			}
		}
		state[name] = done
	}
	for name := range builds {
		if state[name] != done {
			visit(name)
		}
	}
	return needs
}

// buildService builds the image of a service. What the Dockerfile does not ask
// for, an argument or a base, is left out, as Compose does.
func (sc *scope) buildService(ctx context.Context, b tailor.ServiceBuild, images map[string]string, say progress) (*Image, error) {
	s := spec.Image{Context: b.Context, Dockerfile: b.Dockerfile, Target: b.Target, Platform: b.Platform, Files: b.Files, Args: map[string]string{}}
	content := []byte(b.Inline)
	var err error
	if b.Inline == "" {
		content, err = os.ReadFile(b.Dockerfile)
	} else {
		s.Dockerfile, err = sc.dir.Write(b.Service+".Dockerfile", content)
	}
	if err != nil {
		return nil, err
	}
	file, _, err := dockerfile.Parse(content)
	if err != nil { // Build explains it, or leaves it to a frontend
		s.Args, s.Images = b.Args, images
		return sc.build(ctx, s, say)
	}
	for key, value := range b.Args {
		if file.Takes(key) {
			s.Args[key] = value
		}
	}
	settings, err := sc.settings(ctx, s)
	if err != nil {
		return nil, err
	}
	var unmatched *dockerfile.UnmatchedError
	if _, err := file.Substitute(images, settings); errors.As(err, &unmatched) {
		for _, key := range unmatched.Keys {
			delete(images, key)
		}
	}
	s.Images = images
	return sc.build(ctx, s, say)
}

// imagesFile returns a Compose file that runs what was built.
func imagesFile(built map[string]string) []byte {
	if len(built) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString("services:\n")
	for _, service := range slices.Sorted(maps.Keys(built)) {
		key, _ := json.Marshal(service)
		ref, _ := json.Marshal(literal(built[service]))
		fmt.Fprintf(&b, "  %s: {image: %s, build: !reset null, pull_policy: never}\n", key, ref)
	}
	return b.Bytes()
}
