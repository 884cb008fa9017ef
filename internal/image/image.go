// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/progress"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Image is an image on an engine, or a name for one.
type Image struct {
	Ref    string
	ID     string // empty if there is no image of that name yet
	Engine *engine.Engine
}

// Blank names an image that the test builds by other means, with this as its readable part.
// Whatever the engine has under the name in the end goes with the test.
func Blank(sess *session.Session, name string) *Image {
	ref := owner.Building(cmp.Or(owner.Slug(name), "image"), sess.Owner)
	sess.TrackImage(sess.Engine, ref)
	return &Image{Ref: ref, Engine: sess.Engine}
}

// BuildLimit bounds a build, with what it waits for.
const BuildLimit = 20 * time.Minute

// Build returns the image that a spec describes: the one that the engine has, or one that is
// built now, once for everyone who wants it at the same time.
func Build(ctx context.Context, sess *session.Session, s spec.Image, say session.Progress) (*Image, error) {
	in, err := readInput(s)
	if err != nil {
		return nil, err
	}
	image, err := buildFrom(ctx, sess, in, say)
	if err != nil {
		return nil, in.failed(err)
	}
	return image, nil
}

func buildFrom(ctx context.Context, sess *session.Session, in *input, say session.Progress) (*Image, error) {
	trimBuilt(sess, say)
	missing, err := Missing(ctx, sess, in.given())
	if err = errors.Join(append(missing, err)...); err != nil {
		return nil, err
	}
	if in.settings, err = Settings(ctx, sess, in.spec); err != nil {
		return nil, err
	}
	for _, c := range in.contexts {
		in.settings.Contexts = append(in.settings.Contexts, c.name)
	}
	if err := in.read(); err != nil {
		return nil, err
	}
	if in.content != nil {
		sess.Track(session.Resource{Evidence: in.evidence})
	}
	if err := pullBases(ctx, sess, in, say); err != nil {
		return nil, err
	}
	if !in.isFound() {
		return buildNow(ctx, sess, in, "", say)
	}
	key, err := buildKey(ctx, sess, in)
	if err != nil {
		return nil, err
	}
	ref := owner.Built(in.name, key)
	if image, err := findBuilt(ctx, sess, ref); image != nil || err != nil {
		return image, err
	}
	release, err := withLock(ctx, sess, "build "+ref, "image "+ref, say)
	if err != nil {
		return nil, err
	}
	defer release()
	if image, err := findBuilt(ctx, sess, ref); image != nil || err != nil { // another process has built it meanwhile
		return image, err
	}
	return buildNow(ctx, sess, in, ref, say)
}

// pullBases pulls newer bases of an image if the build asks for that. Images that
// the test gives are not pulled.
func pullBases(ctx context.Context, sess *session.Session, in *input, say session.Progress) error {
	if !in.pull {
		return nil
	}
	bases, err := in.bases()
	if err != nil {
		return err
	}
	return parallel.Do(bases, func(b dockerfile.Base) error {
		if strings.HasPrefix(b.Ref, owner.ImageRoot) || slices.Contains(slices.Collect(maps.Values(in.spec.Images)), b.Ref) {
			return nil
		}
		return Pull(ctx, sess, b.Ref, in.platform, true, say)
	})
}

// findBuilt returns the built image of a name, if the engine has it.
func findBuilt(ctx context.Context, sess *session.Session, ref string) (*Image, error) {
	id, err := markUsed(ctx, sess, ref)
	if id == "" || err != nil {
		return nil, err
	}
	sess.Artifacts.Note("image %s found", ref)
	return &Image{Ref: ref, ID: id, Engine: sess.Engine}, nil
}

// buildNow builds an image and tags it with ref. If ref is empty, or the context
// changed meanwhile, the image keeps a name that says who owns it, and is removed
// with the test.
func buildNow(ctx context.Context, sess *session.Session, in *input, ref string, say session.Progress) (*Image, error) {
	if err := sess.Engine.BuildKit(ctx); err != nil {
		return nil, err
	}
	if err := in.hideSecrets(sess.Artifacts.Hide); err != nil {
		return nil, err
	}
	began := time.Now()
	b, unstage, err := in.prepare(sess.Artifacts.Path(), sess.Artifacts.Note)
	if err != nil {
		return nil, err
	}
	defer unstage()
	b.Name = owner.Building(in.name, sess.AtWork())
	temporary := sess.TrackImage(sess.Engine, b.Name) // if the build fails, it is removed with the test
	log, err := sess.Artifacts.Create("build-" + in.name + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	redacted := sess.Artifacts.RedactTo(log)
	defer redacted.Close()
	tell := func(state, step string, took time.Duration) {
		sess.Tell(say, progress.Event{Kind: progress.KindBuild, Image: in.name, State: state, Step: step, Took: took})
	}
	tell(progress.Began, "", 0)
	out := &buildLog{log: redacted, tell: func(step string) { tell(progress.Step, sess.Artifacts.Redact(step), 0) }}
	id, err := sess.Engine.Build(ctx, b, engine.Command{Out: out, Err: out})
	if err != nil {
		return nil, in.explain(log, err, sess.Artifacts.Redact)
	}
	image := &Image{Ref: b.Name, ID: id, Engine: sess.Engine}
	took := time.Since(began).Round(time.Millisecond)
	tell(progress.Done, "", took)
	if ref != "" {
		unstage()
		if changed, err := in.changed(began); err != nil {
			return nil, err
		} else if changed != "" {
			sess.Artifacts.Note("%s changed while %s was built from it: the image goes with the test", changed, in.dockerfile)
			ref = ""
		}
	}
	if ref == "" {
		sess.Artifacts.Note("image %s built, in %v", image.Ref, took)
		return image, nil
	}
	image.Ref = ref
	err = errors.Join(sess.Engine.Tag(ctx, id, ref), sess.Engine.Tag(ctx, id, owner.UsedTag(ref, time.Now())))
	// The name that it had during the build is removed in any case.
	err = errors.Join(err, temporary.Remove(context.WithoutCancel(ctx)))
	if err != nil {
		return nil, fmt.Errorf("naming the image: %w", err)
	}
	sess.Artifacts.Note("image %s built, in %v", ref, took)
	return image, nil
}
