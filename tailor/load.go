// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"fmt"
	"maps"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// load returns the merged and interpolated model of the files: all services,
// whatever their profiles, and before defaults are put in, so that only what
// is in the files is in it. An override may come on top.
func load(ctx context.Context, in *input, override []byte) (_ map[string]any, err error) {
	details := in.details(override)
	defer survive(&err)
	model, err := loader.LoadModelWithContext(ctx, details, in.loadOptions, func(o *loader.Options) {
		o.Interpolate.TypeCastMapping = casts(o.Interpolate.TypeCastMapping, details.ConfigFiles)
	})
	if err != nil {
		return nil, err
	}
	return modeltree.Clone(model).(map[string]any), nil
}

// loadProject binds a model to Compose's own types, which checks that it is
// consistent: that the networks exist to which services refer, and so on. It
// uses the model up.
func loadProject(in *input, model map[string]any) (_ *types.Project, err error) {
	details := in.details(nil)
	opts := loader.ToOptions(&details, []func(*loader.Options){in.loadOptions, func(o *loader.Options) {
		o.Profiles = in.profiles
		o.SkipResolveEnvironment = true // env_file is looked at by a rule of ours
		o.SkipResolveLabels = true
	}})
	defer survive(&err)
	model["name"] = placeholder.Project
	model, err = loader.Normalize(model, in.env)
	if err != nil {
		return nil, err
	}
	return loader.ModelToProject(model, opts, details)
}

// survive turns a panic of the loader, which some odd documents cause, into
// an error about the file.
func survive(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("compose's loader gives up: %v", r)
	}
}

func (in *input) details(override []byte) types.ConfigDetails {
	env := types.Mapping{}
	maps.Copy(env, in.env)
	details := types.ConfigDetails{WorkingDir: in.dir, Environment: env}
	for _, f := range in.files {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: f.name, Content: f.content})
	}
	if override != nil {
		maps.Copy(env, in.leased)
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: "the override", Content: override})
	}
	return details
}

func (in *input) loadOptions(o *loader.Options) {
	o.SetProjectName(placeholder.Project, true)
	o.SkipNormalization = true
	o.ResourceLoaders = []loader.ResourceLoader{offline{}}
	if o.Interpolate != nil {
		o.Interpolate.Substitute = func(s string, m template.Mapping) (string, error) {
			return template.SubstituteWithOptions(s, m, template.WithoutLogging)
		}
	}
}

// offline refuses files that Compose would fetch from the network.
type offline struct{}

func (offline) Accept(name string) bool { return remote(name) }

func (offline) Load(_ context.Context, name string) (string, error) {
	return "", &remoteError{name}
}

func (offline) Dir(name string) string { return name }
