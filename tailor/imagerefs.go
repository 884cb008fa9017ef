// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// imageTexts follows images with other names into the texts of containers.
type imageTexts struct {
	*document
	*decisions
	brought *broughtImages
	built   *builtImages
	leasing *leasing
	texts   *textReader
}

// imageReferenceRules come when it is known which images have other names. A setting
// may tell a program which image to start.
func (m *imageTexts) imageReferenceRules() []rule {
	return []rule{{
		name:      "image-reference",
		treatment: Follow,
		severity:  Note,
		reason:    "no image of that name is made: what runs here has another name, and whoever starts an image by this one gets none, or one that is there already",
		hint:      "where the name has a tag and stands alone, or in a setting like RUNNER_IMAGE, it is followed",
		doc: row{
			files: "a setting, option, label, annotation or content of a config that is the name of an image which is built or replaced, also in " +
				"health checks and hooks",
			becomes: "replaced if it has a tag, or if its own name says that it is an image (`RUNNER_IMAGE`, `--image`); otherwise, and in longer " +
				"texts, a note",
		},
		apply: m.followImageTexts,
	}}
}

// renamed is an image that has another name in the copies.
type renamed struct {
	ref   string // as the files name it
	maker string // the service that builds it, if one does
	to    string // what the test brings, if it does
}

// renamedImages returns the images that have other names, by full form.
func (m *imageTexts) renamedImages() map[string]renamed {
	all := map[string]renamed{}
	for _, c := range m.containers() {
		body, ok := m.shippedBody(c)
		if !ok || c.at[0] != "services" || body["build"] == nil {
			continue
		}
		for _, name := range m.built.builtNames(container{c.at, c.name, body}) {
			full := dockerfile.FullForm(name)
			if maker := m.built.makers[full]; maker != "" {
				all[full] = renamed{ref: name, maker: maker}
			} else if ref := m.brought.brought[full]; ref != "" {
				all[full] = renamed{ref: name, to: ref}
			}
		}
	}
	for _, old := range modeltree.Keys(m.spec.Images) {
		all[dockerfile.FullForm(old)] = renamed{ref: old, to: m.spec.Images[old]}
	}
	return all
}

// followImageTexts adapts settings, options, labels and files that are nothing but the
// name of an image, where they cannot mean anything else, and notes others.
func (m *imageTexts) followImageTexts(r *rule) {
	images := m.renamedImages()
	if len(images) == 0 {
		return
	}
	follow := func(t text) {
		option, word := "", t.value
		if t.key == "" {
			if before, after, ok := strings.Cut(t.value, "="); ok && strings.HasPrefix(before, "-") {
				option, word = before+"=", after
			}
		}
		image, whole := images[dockerfile.FullForm(word)]
		switch {
		case whole && (hasTag(word) || imageWord.MatchString(m.nameOfText(t, option))):
			m.followImageText(r, t, option, word, image)
		default:
			m.noteImageText(r, t, images)
		}
	}
	m.texts.textsIn(follow, "environment", "command", "entrypoint", "labels", "annotations", "healthcheck.test")
	if m.isStack() {
		m.texts.textsIn(follow, "deploy.labels")
	}
	m.texts.hookTexts(follow)
	m.texts.contentTexts(follow)
	m.texts.envFileTexts(follow)
}

// imageWord is a name of a setting or option that takes an image.
var imageWord = regexp.MustCompile(`(?i)^-*([a-z0-9_-]*[_-])?(image|img)([_-]?(name|ref))?=?$`)

// nameOfText is what a setting or option is called, without what stands before a dot.
func (m *imageTexts) nameOfText(t text, option string) string {
	name := t.key + option
	if i, ok := t.at[len(t.at)-1].(int); ok && name == "" && i > 0 { // --image NAME
		before, _ := m.get(t.at[:len(t.at)-1]).([]any)
		name, _ = before[i-1].(string)
	}
	return name[strings.LastIndex(name, ".")+1:]
}

// hasTag tells whether a reference says more than a name.
func hasTag(word string) bool {
	named, err := reference.ParseNormalizedNamed(word)
	return err == nil && !reference.IsNameOnly(named)
}

func (m *imageTexts) followImageText(r *rule, t text, option, word string, image renamed) {
	to, what := image.to, image.to
	switch {
	case to != "":
	case m.in.overrideOnly || len(m.readers(t)) == 0: // for whom nothing is built
		to = m.built.scoped[dockerfile.FullForm(word)]
		what = to
	default:
		to, what = m.leasing.mark(m.built.imageVariable(image.maker)), m.built.madeBy(image.maker)
		for _, service := range m.readers(t) {
			m.built.besides[service] = append(m.built.besides[service], image.maker)
		}
	}
	if to == "" || to == word {
		return
	}
	at, prefix, from := t.at, t.prefix, t.from
	if from.l != nil {
		at, prefix = m.texts.settingOf(t.c, t.key)
	} else {
		from = m.src.find(t.find)
	}
	reason := "it has another name in each copy"
	if image.to != "" {
		reason = "as asked"
	}
	m.edit(r, change{at: at, value: prefix + option + to, from: from, what: fmt.Sprintf("image %s in %s → %s", word, t.place(), what), reason: reason})
}

// readers are the services that are on and have a text: one, or all that are given the
// config in which it stands.
func (m *imageTexts) readers(t text) []string {
	var all []string
	for _, c := range m.containers() {
		has := c.at.String() == t.c.at.String() || t.c.at[0] == "configs" && slices.ContainsFunc(modeltree.List(c.body, "configs"), func(use any) bool {
			return use == t.c.name || modeltree.Str(use, "source") == t.c.name
		})
		if has && m.active(c.name) {
			all = append(all, c.name)
		}
	}
	return all
}

// place is what a text is a part of, for people.
func (t text) place() string {
	if t.key != "" {
		return t.key
	}
	return fmt.Sprint(t.at[2])
}

// noteImageText notes the name of an image in a longer text, or where it may be that of
// something else.
func (m *imageTexts) noteImageText(r *rule, t text, images map[string]renamed) {
	for _, full := range modeltree.Keys(images) {
		ref := strings.TrimSuffix(images[full].ref, ":latest")
		if strings.Contains(ref, placeholder.Project) || !strings.ContainsAny(ref, "/:") || !hasWord(t.value, ref) {
			continue
		}
		from := t.from
		if from.l == nil {
			from = m.src.find(t.find)
		}
		m.report(r, t.at, from, fmt.Sprintf("%s names image %s", t.place(), ref))
		return
	}
}

// hasWord tells whether a text has a reference that is not a part of another one.
func hasWord(text, ref string) bool {
	is := func(part string) bool {
		return !strings.ContainsAny(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@-")
	}
	for at := 0; ; {
		i := strings.Index(text[at:], ref)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(ref)
		if is(text[max(i-1, 0):i]) && (is(text[end:min(end+1, len(text))]) || strings.HasPrefix(text[end:], ":latest")) {
			return true
		}
		at = end
	}
}
