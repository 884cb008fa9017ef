// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// Plan is what tailoring decided about a project. It is data: nothing in it
// changes after [Compose] returned it.
//
// Values and paths come from the loaded model, in Compose's long form. Where a
// value holds the name of the project, which is only known when it runs, it
// stands there as ${COMPOSE_PROJECT_NAME}.
type Plan struct {
	// Dir is the absolute project directory, and Files are the absolute names
	// of the files, in order: what docker compose must be given as
	// --project-directory and -f.
	Dir   string   `json:"dir"`
	Files []string `json:"files"`

	// Shipped are the files that were read, as they were then: Files, and behind them what
	// those include or extend, each once.
	Shipped []File `json:"-"`

	// EnvFiles are the absolute names of the env files that Options named, to
	// be given as --env-file. The project's own .env is not among them:
	// docker compose finds it by itself.
	EnvFiles []string `json:"envFiles,omitempty"`

	// Profiles are those that are on: the spec's, or else the ones that
	// COMPOSE_PROFILES in the project's .env names.
	Profiles []string `json:"profiles,omitempty"`

	// Env is the environment under which the files were read, .env apart, and
	// the one to give to docker compose: the spec's variables, the harmless
	// ones, and PWD. It is not part of the JSON form, as values may be secret.
	Env map[string]string `json:"-"`

	// Spec is what the plan was made of, with what the file says that its Answers named:
	// they are empty here.
	Spec spec.Project `json:"-"`

	// Findings are what was noticed and not changed, sorted by place.
	Findings []Finding `json:"findings"`

	// Edits are what was changed, sorted by place.
	Edits []Edit `json:"edits"`

	// Services are the services that are on under Profiles, sorted by name.
	// Edits and findings cover those that are off as well.
	Services []Service `json:"services"`

	// Off are the services that are off under Profiles, with the profiles that switch
	// them on.
	Off map[string][]string `json:"-"`

	// Networks and Volumes are the keys of the networks and volumes that the
	// project itself creates, sorted: external ones are not among them, and
	// neither are the anonymous volumes. The network "default" is listed when a
	// service uses it, whether or not the files declare it. Some may belong to
	// services that are off; Compose creates only what it needs, so labelling
	// all of them in a further override is harmless.
	Networks []string `json:"networks"`
	Volumes  []string `json:"volumes"`

	// VolumeParts are directories that have to be in volumes of the project before
	// their containers start, by key: these mount no more than that.
	VolumeParts map[string][]string `json:"-"`

	// Reach are the names by which services reach the test, with the variables that take
	// their addresses.
	Reach map[string]string `json:"-"`

	// NetworkOptions and VolumeOptions are what these are made of, by key.
	NetworkOptions map[string]Made `json:"-"`
	VolumeOptions  map[string]Made `json:"-"`

	// SameNetworks and SameVolumes are the keys that have the name of another one, and
	// so are one network or volume with it, by key: that one.
	SameNetworks map[string]string `json:"-"`
	SameVolumes  map[string]string `json:"-"`

	// HostPaths are what active services mount from the machine that the engine
	// runs on: bind mounts, and the files of secrets and configs.
	HostPaths []HostPath `json:"hostPaths,omitempty"`

	// Copies are the files and directories of which every copy of the project
	// has to have a copy of its own. The override has nothing of them, as only
	// whoever runs it knows how the engine can be given files.
	Copies []Copy `json:"copies,omitempty"`

	// CopyLimit bounds the size of what is copied, for each, in bytes.
	CopyLimit int64 `json:"copyLimit"`

	// Contexts are the build contexts of which a copy is to be made.
	Contexts []ContextCopy `json:"contexts,omitempty"`

	// Dockerfiles are those in which other images may have to be built on.
	Dockerfiles []Dockerfile `json:"dockerfiles,omitempty"`

	// Builds say how images are built, for a runner that does it by itself: each comes
	// after those whose images it needs. Some may be of services that are off.
	Builds []ServiceBuild `json:"-"`

	// Texts are the files in which text was replaced: docker compose must be
	// given files of this content in the place of those in Files.
	Texts []Text `json:"texts,omitempty"`

	// Leases are what has to be leased, for the variables in the override.
	Leases Leases `json:"leases"`

	// SecretFiles are the absolute names of the files that the project's secrets have
	// their content from, and SecretTexts is the content of others: of variables, or
	// of the files themselves.
	SecretFiles []string `json:"-"`
	SecretTexts []string `json:"-"`

	override []byte
	settings func(service string) []Setting
	// order are the names of the files, as they are shown.
	order []string
}

// Override returns the Compose file that makes the edits, to be passed as the
// last -f, or nil when there is nothing to edit. It depends on the files and
// the spec alone: the same input gives the same bytes. It needs Compose 2.24.6
// or newer: !override and !reset are older, but not for what is included.
func (p *Plan) Override() []byte {
	if p.override == nil {
		return nil
	}
	return append([]byte(nil), p.override...)
}

// File is a file of the project, by its absolute name.
type File struct{ Name, Content string }

// Made is what the project makes a network or volume of. An engine changes neither of
// the two later.
type Made struct {
	Options string // in JSON: driver, driver_opts, ipam and the like
	Labels  string
}

// Setting is a value in the files, and its place.
type Setting struct {
	Place
	Value string // as the files have it, with variables filled in: it may be a secret
}

// Name returns what the setting is called below its service: devices[0].
func (s Setting) Name() string { return strings.TrimPrefix(s.Path, "services."+s.Service+".") }

// Settings returns all values that the files give a service, in the order of their paths, as
// they were before tailoring. Whoever hears an engine refuse a service finds there what it
// refused. It returns none for a plan of a stack.
func (p *Plan) Settings(service string) []Setting {
	if p.settings == nil {
		return nil
	}
	return p.settings(service)
}

// Service is an active service, as it will run.
type Service struct {
	Name string `json:"name"`
	// At is where the files have it first. It is not known of a stack's.
	At Place `json:"-"`
	// Image is the reference after substitution, empty when the service is
	// built and the file gives the result no name.
	Image string `json:"image,omitempty"`
	// Platform and PullPolicy are those of the service.
	Platform   string `json:"-"`
	PullPolicy string `json:"-"`
	// ContainerName is the container_name in the file, "" if there is none. The
	// container won't have that name; inside the project it still resolves.
	ContainerName string `json:"containerName,omitempty"`
	Replicas      int    `json:"replicas"`
	// Room is for how many containers the host ports of the files suffice, of a stack
	// on one node. 0 is for any number.
	Room  int  `json:"-"`
	Build bool `json:"build"`
	// BuiltBy is the service of which a build makes the image: itself, or another that
	// gives it the name.
	BuiltBy string `json:"-"`
	// Context and Dockerfile are what it is built from: absolute names where they
	// are files of this machine.
	Context    string `json:"-"`
	Dockerfile string `json:"-"`
	// HealthCheck tells that the file has a health check and has not disabled
	// it. The image may bring one of its own.
	HealthCheck bool `json:"healthCheck"`
	// Contents is what its secrets and configs hold that are no files, in order:
	// Compose copies it into the container, and does not notice that it changes.
	Contents []string `json:"-"`
	// EnvFiles are the absolute names of the files that its variables are read from.
	EnvFiles []string `json:"-"`
	// Needs are the services that it depends on, with the conditions of depends_on:
	// service_started, service_healthy, service_completed_successfully.
	Needs map[string]string `json:"-"`
	// ComposeStarts tells that Compose does more at its start than to have the engine start
	// its containers: it runs hooks, copies contents in, or does without a dependency.
	ComposeStarts bool     `json:"-"`
	Ports         []Port   `json:"ports"`
	Networks      []string `json:"networks"`
}

// Port is one published port of a service. A range in the file is several.
type Port struct {
	// Published is the host port that the file asks for, and by which it is
	// looked up: not the one that it gets. 0 means that the file names none.
	Published int `json:"published"`
	// Target is the port inside the container. Two ports of one service may
	// have the same target, and then lead to one new host port.
	Target int `json:"target"`
	// Protocol is tcp, udp or sctp.
	Protocol string `json:"protocol"`
	// HostIP is the address that the port is bound to when it runs, "" for
	// Docker's default.
	HostIP string `json:"hostIP,omitempty"`
	// Variable has the number when it runs, if it is leased. Otherwise the engine
	// chooses it, or it is Published.
	Variable string `json:"variable,omitempty"`
	// Kept says that the number is that of the file.
	Kept bool `json:"kept,omitempty"`
}

// HostPath is a file or directory of the host that a service mounts.
type HostPath struct {
	Place
	// Source is the absolute path, and Target the one in the container. For the
	// file of a secret or config Target is empty.
	Source   string `json:"source"`
	Target   string `json:"target,omitempty"`
	ReadOnly bool   `json:"readOnly,omitempty"`
	// MustExist tells that the engine is not to make a directory there
	// (create_host_path: false).
	MustExist bool `json:"-"`
}

// Treatment says how an edit keeps copies apart.
type Treatment string

// The treatments.
const (
	// Free leaves the choice to the engine.
	Free Treatment = "free"
	// Lease puts what was leased in its place.
	Lease Treatment = "lease"
	// Scope makes a name, or what is behind it, the project's own.
	Scope Treatment = "scope"
	// Alias keeps an old name resolvable inside the project.
	Alias Treatment = "alias"
	// Follow adapts a reference to something else that was edited.
	Follow Treatment = "follow"
	// Substitute is what the spec asked for.
	Substitute Treatment = "substitute"
)

// Edit is one change to the loaded model.
type Edit struct {
	// Rule is the name of the rule that made it.
	Rule      string    `json:"rule"`
	Treatment Treatment `json:"treatment"`
	Place
	// Old and New are the values in the model, nil for absent.
	Old any `json:"old"`
	New any `json:"new"`
	// What says in words what happens: "host port 8080 → chosen by the engine".
	What string `json:"what"`
	// Reason says why it has to.
	Reason string `json:"reason"`

	at    modeltree.Path
	value any
	drop  bool
	one   string
	quiet bool
}

// Severity grades a finding.
type Severity string

// The severities.
const (
	// Refuse means that the project cannot run, or not isolated.
	Refuse Severity = "refuse"
	// Warning means that it runs, but copies can meet in this place.
	Warning Severity = "warning"
	// Note means that it runs isolated, but something is different from what
	// the reader of the file would expect.
	Note Severity = "note"
)

// Finding is something in the files that keeps copies from being isolated, or
// that the reader of the plan should know.
type Finding struct {
	// Rule is the name of the rule that found it.
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Place
	// What is in the file, in words.
	What string `json:"what"`
	// Reason says what it would do to two copies.
	Reason string `json:"reason"`
	// Hint says what settles it, if no field of the spec does.
	Hint string `json:"hint,omitempty"`
	// Fixes are the fields of the spec that settle it, the one to try first first.
	Fixes []Fix `json:"fixes,omitempty"`

	at modeltree.Path
	// written are all places of a finding that is told once for several.
	written []*yaml.Node
	// more are the ways of findings that are told with this one, by its own.
	more map[int][]Fix
}

// alsoIn is between what is found, in words, and the other lines in which it is.
const alsoIn = ", also in line"

// Place is where something stands: in the files, and in the loaded model.
type Place struct {
	// File is the name as the spec gave it, or relative to that. It is empty,
	// and Line and Column are 0, for what stands in no file.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Service is the name of the service, if it is in one.
	Service string `json:"service,omitempty"`
	// Path is the place in the loaded model: services.web.ports[0].
	Path string `json:"path"`
}

// within is the place in brackets, where it is known.
func (pl Place) within() string {
	if pl.File == "" {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", pl.File, pl.Line)
}

// before tells whether a place comes before another: by file, in the order of
// the spec, then line and column. Files that are included or extended come after
// the named ones.
func (pl Place) before(other Place, order []string) bool { return pl.compare(other, order) < 0 }

func (pl Place) compare(other Place, order []string) int {
	rank := func(file string) int {
		if i := slices.Index(order, file); i >= 0 || file == "" {
			return i
		}
		return len(order)
	}
	return cmp.Or(cmp.Compare(rank(pl.File), rank(other.File)), cmp.Compare(pl.File, other.File),
		cmp.Compare(pl.Line, other.Line), cmp.Compare(pl.Column, other.Column))
}

func (pl Place) prefix(at modeltree.Path) string {
	var s string
	if pl.File != "" {
		s = fmt.Sprintf("%s:%d ", pl.File, pl.Line)
	}
	if subject := at.Subject(); subject != "" {
		s += subject + ": "
	}
	return s
}
