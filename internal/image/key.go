// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// keyForm is a part of every key. Change it whenever keys are computed differently, so that
// no image is found by an old key.
const keyForm = "seatrial image 1"

// buildKey returns the hash of an image's input. Times are not part of it, nor are
// owners, which BuildKit does not keep.
func buildKey(ctx context.Context, sess *session.Session, in *input) ([]byte, error) {
	k := buildcontext.NewKey()
	k.Add(keyForm, in.settings.Platform, in.settings.Builder, in.spec.Target)
	k.Add("dockerfile", string(in.content))
	k.Add("ignore", string(in.ignore))
	k.AddEntries("context", in.entries)
	for i, x := range in.extras {
		k.AddEntries(x.Name, in.added[i])
	}
	for _, key := range slices.Sorted(maps.Keys(in.spec.Args)) {
		k.Add("arg", key, in.spec.Args[key])
	}
	for _, s := range in.secrets {
		k.Add("secret", s.ID)
	}
	k.Add("ssh", in.spec.SSH...)
	if len(in.flags) > 0 {
		k.Add("flags", in.flags...)
	}
	if err := addContexts(ctx, sess, k, in.contexts); err != nil {
		return nil, err
	}
	bases, err := in.bases()
	if err != nil {
		return nil, err
	}
	for _, base := range bases {
		made, err := Fingerprint(ctx, sess, base.Ref)
		if err != nil {
			return nil, err
		}
		k.Add("base", base.Ref, made)
	}
	return k.Sum(), nil
}

// addContexts adds the content of additional contexts.
func addContexts(ctx context.Context, sess *session.Session, k *buildcontext.Key, contexts []namedContext) error {
	for _, c := range contexts {
		ref, isImage := strings.CutPrefix(c.from, ContextImage)
		if !isImage {
			k.Add("context directory", c.name)
			k.AddEntries("context "+c.name, c.entries)
			continue
		}
		made, err := Fingerprint(ctx, sess, ref)
		if err != nil {
			return err
		}
		k.Add("context image", c.name, ref, made)
	}
	return nil
}

func (in *input) bases() ([]dockerfile.Base, error) {
	if in.file == nil {
		return nil, nil
	}
	return in.file.Bases(in.settings)
}

// Fingerprint identifies the content of an image. For an image that is not on the
// engine it is only the reference: a request to a registry would be slow without a
// visible reason.
func Fingerprint(ctx context.Context, sess *session.Session, ref string) (string, error) {
	is, err := sess.Engine.Image(ctx, ref)
	if engine.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for image %q: %w", ref, err)
	}
	return is.Made, nil
}
