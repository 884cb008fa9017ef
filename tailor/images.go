// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// broughtImages puts the images that the test brings in the place of those that the files name.
type broughtImages struct {
	*document
	*decisions
	built  *builtImages
	reader *dockerfileReader

	namedImages []namedImage // by the files
	// unmatched are the keys of the spec that nothing has named so far, and brought the
	// images of the spec by further names of what they replace, both by full form.
	unmatched   map[string]string
	optional    map[string]bool // keys that may be named nowhere
	brought     map[string]string
	buildImages []imageUse // that builds take beside their Dockerfiles
}

// ownImages is where the images that seatrial builds have their names. No
// registry answers there, so they must never be pulled.
const ownImages = "localhost/seatrial/"

func (m *broughtImages) broughtRules() []rule {
	return []rule{{
		name:      "image",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "as asked",
		doc: row{
			becomes: "with `Images`: the image that the test names instead. A key means a whole reference, in full form",
		},
		apply: m.substituteImages,
	}, {
		name:     "image-name",
		severity: Refuse,
		reason:   "no engine takes it",
		doc: row{
			files:   "an image whose name is not a reference: it ends with a blank (`redis:7 `), or has capitals",
			becomes: "refused",
		},
		apply: m.invalidImages,
	}}
}

// namedImage is an image that the files, or their Dockerfiles, name, and where.
type namedImage struct{ ref, place string }

// substituteImages puts the images of the spec in the place of those that the
// files name. References are compared whole and in full form.
func (m *broughtImages) substituteImages(r *rule) {
	fresh := map[string]string{} // by full form
	for _, old := range slices.Sorted(maps.Keys(m.spec.Images)) {
		key := dockerfile.FullForm(old)
		if first, ok := m.unmatched[key]; ok {
			m.reportImages(r, fmt.Sprintf("Images has %q and %q, which are the same image", first, old), "leave one of them out")
		}
		fresh[key], m.unmatched[key] = m.spec.Images[old], old
		if _, err := reference.ParseNormalizedNamed(m.spec.Images[old]); err != nil {
			m.reportImages(r, fmt.Sprintf("Images[%q] is %q, which is no image reference", old, m.spec.Images[old]), "")
		}
	}
	m.followTags(fresh)
	other := *r
	other.reason = "it is another name of what is replaced"
	for _, u := range m.built.imageUses() {
		if u.kind == buildImage { // which may change nothing
			m.buildImages = append(m.buildImages, u)
		} else {
			m.named(u, "")
		}
		if ref, ok := fresh[dockerfile.FullForm(u.ref)]; ok {
			m.substitute(r, u, ref)
		} else if ref := m.brought[dockerfile.FullForm(u.ref)]; ref != "" {
			m.substitute(&other, u, ref)
		}
	}
	for _, c := range m.containers() { // whose image has Compose's name
		if c.body["build"] == nil || modeltree.Str(c.body, "image") != "" {
			continue
		}
		for _, name := range m.built.ownNames(c) {
			if ref, ok := fresh[dockerfile.FullForm(name)]; ok {
				delete(m.unmatched, dockerfile.FullForm(name))
				m.substitute(r, imageUse{c: c, at: c.at.Join("image"), ref: name, kind: ownImage}, ref)
				break
			}
		}
	}
}

// named notes that the files name an image, and that the spec's key for it matches,
// unless it has no effect.
func (m *broughtImages) named(u imageUse, noEffect string) {
	place := m.src.find(u.at).place(u.at)
	m.namedImages = append(m.namedImages, namedImage{u.ref, fmt.Sprintf("%s:%d%s", place.File, place.Line, noEffect)})
	if noEffect == "" {
		delete(m.unmatched, dockerfile.FullForm(u.ref))
	}
}

// nameBuildImages does so for what a build takes beside its Dockerfile.
func (m *broughtImages) nameBuildImages(c container, build map[string]any, f *builtFrom) {
	for _, u := range m.buildImages {
		if u.c.at.String() != c.at.String() {
			continue
		}
		name, isContext := u.at[len(u.at)-1].(string)
		switch {
		case !isContext:
			m.named(u, ", for a cache that is not used")
		case f.file != nil && f.unseen == "" && !f.file.TakesContext(name, m.reader.buildSettings(c, build, f.args)):
			m.named(u, ", in a context that nothing takes")
		default:
			m.named(u, "")
		}
	}
}

// followTags notes the further names of what is not built, as the test brings it.
func (m *broughtImages) followTags(fresh map[string]string) {
	for _, c := range m.containers() {
		if c.body["build"] == nil {
			continue
		}
		ref := ""
		for _, name := range m.built.ownNames(c) {
			ref = cmp.Or(ref, fresh[dockerfile.FullForm(name)])
		}
		for _, name := range m.built.builtNames(c) {
			if full := dockerfile.FullForm(name); ref != "" && fresh[full] == "" {
				m.brought[full] = ref
			}
		}
	}
}

// imagesToPut adds to images those that may be named nowhere, and says which these are. The
// images of the spec go first.
func imagesToPut(images, standIns map[string]string) (all map[string]string, optional map[string]bool) {
	if len(standIns) == 0 {
		return images, nil
	}
	all, optional = maps.Clone(images), map[string]bool{}
	if all == nil {
		all = map[string]string{}
	}
	first := map[string]bool{} // by full form
	for old := range images {
		first[dockerfile.FullForm(old)] = true
	}
	for old, ref := range standIns {
		if !first[dockerfile.FullForm(old)] {
			all[old], optional[old] = ref, true
		}
	}
	return all, optional
}

// demanded are the images of the spec that were not found so far, and that must be.
func (m *broughtImages) demanded() map[string]string {
	all := maps.Clone(m.unmatched)
	maps.DeleteFunc(all, func(_, old string) bool { return m.optional[old] })
	return all
}

// unmatchedImages refuses what the spec replaces and nothing names. All that is
// named is listed.
func (m *broughtImages) unmatchedImages(named []namedImage, unread []string) {
	var names []string
	for _, n := range named {
		names = append(names, fmt.Sprintf("%s (%s)", placeholder.ShownText(n.ref), n.place))
	}
	slices.Sort(names)
	hint := "the files name no image"
	if names = slices.Compact(names); len(names) > 0 {
		hint = "the files name " + strings.Join(names, ", ")
	}
	if len(unread) > 0 {
		hint += "; not read: " + strings.Join(unread, ", ")
	}
	r := ruleNamed(m.broughtRules(), "image")
	for _, old := range slices.Sorted(maps.Values(m.demanded())) {
		m.reportImages(&r, fmt.Sprintf("Images[%q] matches no image", old), hint)
	}
}

func (m *broughtImages) reportImages(r *rule, what, hint string) {
	wrong := *r
	wrong.reason, wrong.hint = "", hint
	m.plan.Findings = append(m.plan.Findings, Finding{
		Rule: wrong.name, Severity: wrong.severity, Place: Place{Path: "Images"}, What: what, Hint: hint,
	})
}

func (m *broughtImages) substitute(r *rule, u imageUse, ref string) {
	m.edit(r, change{at: u.at, value: u.prefix + ref, what: fmt.Sprintf("image %s → %s", u.ref, ref)})
	if m.isStack() {
		return
	}
	if u.kind == sideImage && strings.HasPrefix(ref, ownImages) {
		m.built.keepFromPulling(r, u, ref)
	}
	if u.kind != ownImage {
		return
	}
	if u.c.body["build"] != nil {
		m.edit(r, change{at: u.c.at.Join("build"), drop: true, from: m.src.find(u.at), what: "build → none", reason: "the image is replaced"})
	}
	policy := modeltree.Str(u.c.body, "pull_policy")
	switch {
	case strings.HasPrefix(ref, ownImages) && policy != "never":
		m.edit(r, change{at: u.c.at.Join("pull_policy"), value: "never", from: m.src.find(u.at), what: "pull policy → never", reason: "the image is on this engine only"})
	case policy == "build":
		m.edit(r, change{at: u.c.at.Join("pull_policy"), drop: true, from: m.src.find(u.at), what: "pull policy build → none", reason: "the image is replaced"})
	}
}
