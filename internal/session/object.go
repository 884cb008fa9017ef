// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// An Object is what a test makes with one request, and of which nothing has to be known but
// how it is removed: after what may use it.
type Object struct {
	Kind, Name string
	ID         string // until the engine has given it one, its name

	remove func(ctx context.Context, id string) error
}

// NewObject names an object, and says how it is removed; one that is gone is no error there.
func NewObject(kind, name string, remove func(ctx context.Context, id string) error) *Object {
	return &Object{Kind: kind, Name: name, ID: name, remove: remove}
}

// Create makes it on the engine, with the labels of the test and more, and has it go with the
// test. The engine may give it an id.
func (o *Object) Create(ctx context.Context, sess *Session, more map[string]string, create func(context.Context, map[string]string) (id string, err error)) error {
	sess.Track(o.Resource())
	ctx, cancel := Creating(ctx)
	defer cancel()
	id, err := create(ctx, sess.Labels(o.Kind, o.Name, more))
	if err != nil {
		return err
	}
	o.ID = cmp.Or(id, o.Name)
	sess.Artifacts.Note("%s %s created", o.Kind, o.Name)
	return nil
}

// Resource is the object on its way to the end of the test.
func (o *Object) Resource() Resource {
	return Resource{Remove: o.Remove, UsedByOthers: true}
}

// Remove removes it. One that is gone is no error.
func (o *Object) Remove(ctx context.Context) error {
	if err := o.remove(ctx, o.ID); err != nil {
		return fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
	}
	return nil
}

// CreateLimit bounds the wait for the answer to a create.
const CreateLimit = 20 * time.Second

// Creating returns a context for a request that makes something. The engine finishes such
// a request even if its client is gone, so the answer is waited for even when the caller's
// time is up: what was made must be known, to be removed.
func Creating(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), CreateLimit)
}
