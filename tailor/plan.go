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

// Plan is what [Compose] decided about a project. It is plain data that nothing
// changes later. [Plan.Text] and [Plan.Diff] show it to people.
//
// Values and paths are those of the loaded model, in Compose's long form. The
// project's name is known only when the project runs: a value that contains it
// has ${COMPOSE_PROJECT_NAME} in its place.
type Plan struct {
	// Dir is the absolute project directory, and Files are the absolute names
	// of the Compose files, in order. Pass them to docker compose as
	// --project-directory and -f.
	Dir   string   `json:"dir"`
	Files []string `json:"files"`

	// Shipped are all files that were read, with the content that they had then,
	// before any text was replaced: first Files, then the files that they include or
	// extend, each once.
	Shipped []File `json:"-"`

	// EnvFiles are the absolute names of Options.EnvFiles. Pass them to docker
	// compose as --env-file. The project's own .env is not among them: docker
	// compose finds it by itself.
	EnvFiles []string `json:"envFiles,omitempty"`

	// Profiles are the enabled profiles: the spec's, or, if it has none, those in
	// COMPOSE_PROFILES of the project's .env.
	Profiles []string `json:"profiles,omitempty"`

	// Env is the environment to run docker compose in: the spec's variables,
	// Options.Base and PWD, without the COMPOSE_* variables that are switches of
	// docker compose. The files were read with these variables and those of .env,
	// which are not in Env. The JSON form omits Env, because values may be secret.
	Env map[string]string `json:"-"`

	// Spec is the spec that the plan was made from. The fields of its Answers file
	// are merged into it, and Answers is empty.
	Spec spec.Project `json:"-"`

	// Findings are what was noticed and left as it is, sorted by place.
	Findings []Finding `json:"findings"`

	// Edits are the changes to the model, sorted by place.
	Edits []Edit `json:"edits"`

	// Services are the services that Profiles enable, sorted by name. Edits and
	// Findings cover the others as well.
	Services []Service `json:"services"`

	// Off are the services that Profiles do not enable, by name, each with the
	// profiles that would.
	Off map[string][]string `json:"-"`

	// Networks and Volumes are the keys of the networks and volumes that the
	// project itself creates, sorted. External ones and anonymous volumes are not
	// among them. The network "default" is, if a service uses it, even if the files
	// do not declare it. Some may be used only by services that are off; Compose
	// does not create those, so a further override may safely label all of them.
	Networks []string `json:"networks"`
	Volumes  []string `json:"volumes"`

	// VolumeParts lists, by the key of a volume, directories that must exist in it
	// before the containers start, because a container mounts only such a directory
	// of the volume (volume.subpath).
	VolumeParts map[string][]string `json:"-"`

	// Reach maps each host name in the spec's Reach to the variable of the override
	// that takes the address at which containers reach the test.
	Reach map[string]string `json:"-"`

	// NetworkOptions and VolumeOptions say, by key, with which options Compose
	// creates the Networks and Volumes.
	NetworkOptions map[string]Made `json:"-"`
	VolumeOptions  map[string]Made `json:"-"`

	// SameNetworks and SameVolumes map a key to an earlier one for which the files
	// have the same name: both keys stand for one network or volume.
	SameNetworks map[string]string `json:"-"`
	SameVolumes  map[string]string `json:"-"`

	// HostPaths are the files and directories of the engine's machine that Services
	// mount: bind mounts, and the files of secrets and configs.
	HostPaths []HostPath `json:"hostPaths,omitempty"`

	// Copies are the mounted files and directories that each run of the project
	// needs a copy of. The override does not mount these copies: only the caller
	// knows how files get to the engine.
	Copies []Copy `json:"copies,omitempty"`

	// CopyLimit is the maximum size of each of the Copies, in bytes.
	CopyLimit int64 `json:"copyLimit"`

	// Contexts are the build contexts that must be copied, because the spec adds
	// files to them.
	Contexts []ContextCopy `json:"contexts,omitempty"`

	// Dockerfiles are the Dockerfiles that must build on other images than they
	// name.
	Dockerfiles []Dockerfile `json:"dockerfiles,omitempty"`

	// Builds say how to build each image, for a caller that builds images itself. A
	// build comes after those whose images it needs. Some may be of services that
	// are off.
	Builds []ServiceBuild `json:"-"`

	// Texts are the files in which the spec's Replace changed text. Pass docker
	// compose files with this content instead of those in Files.
	Texts []Text `json:"texts,omitempty"`

	// Leases are the ports, subnets and locks that the caller must lease before
	// the project starts.
	Leases Leases `json:"leases"`

	// SecretFiles are the absolute names of the files that hold the project's
	// secrets. SecretTexts are the secrets that the Compose files hold themselves or
	// take from variables.
	SecretFiles []string `json:"-"`
	SecretTexts []string `json:"-"`

	override []byte
	settings func(service string) []Setting
	// order are the names of the files, as they are shown.
	order []string
}

// Override returns the Compose file that makes the edits, to be passed as the
// last -f. It is nil if there are none. The same input gives the same bytes. The
// override needs Compose 2.24.6 or newer: earlier versions know !override and
// !reset, but do not apply them to included files.
func (p *Plan) Override() []byte {
	if p.override == nil {
		return nil
	}
	return append([]byte(nil), p.override...)
}

// File is a file that a plan was made from. Its Name is absolute.
type File struct{ Name, Content string }

// Made describes how Compose creates a network or volume. An engine cannot change
// its options or labels later.
type Made struct {
	Options string // in JSON: driver, driver_opts, ipam and the like
	Labels  string // in JSON
}

// Setting is a value in the files, and its place.
type Setting struct {
	Place
	Value string // with variables filled in; it may be a secret
}

// Name returns the path of the setting below its service: devices[0].
func (s Setting) Name() string { return strings.TrimPrefix(s.Path, "services."+s.Service+".") }

// Settings returns all values that the files give a service, sorted by path, as they are before
// tailoring. They tell which line of a file an engine means when it refuses a service. A
// StackPlan has none.
func (p *Plan) Settings(service string) []Setting {
	if p.settings == nil {
		return nil
	}
	return p.settings(service)
}

// Service is a service that the profiles enable, as it will run.
type Service struct {
	Name string `json:"name"`
	// At is where the files define the service first. It is the zero Place in a
	// StackPlan.
	At Place `json:"-"`
	// Image is the reference after substitution. It is empty if the service is
	// built and the file does not name the image.
	Image string `json:"image,omitempty"`
	// Platform and PullPolicy are platform and pull_policy in the file.
	Platform   string `json:"-"`
	PullPolicy string `json:"-"`
	// ContainerName is container_name in the file. The container gets another
	// name; inside the project this one still resolves.
	ContainerName string `json:"containerName,omitempty"`
	// Replicas is the number of containers, 0 for a global service of a stack.
	Replicas int `json:"replicas"`
	// Room is the number of containers for which the host ports in the files
	// suffice; in a stack, on one node. Zero means that ports set no limit.
	Room int `json:"-"`
	// Build says that the image is built from the files.
	Build bool `json:"build"`
	// BuiltBy is the service whose build makes the image: this one, or another one
	// that names its image the same. It is empty if no build does.
	BuiltBy string `json:"-"`
	// Context and Dockerfile are what the image is built from. They are absolute
	// names if they are on this machine.
	Context    string `json:"-"`
	Dockerfile string `json:"-"`
	// HealthCheck says that the file has a health check and does not disable it.
	// The image may have one of its own.
	HealthCheck bool `json:"healthCheck"`
	// Contents are the contents of those secrets and configs of the service that are
	// not files, in order. Compose copies them into the container, but does not
	// recreate the container when they change.
	Contents []string `json:"-"`
	// EnvFiles are the absolute names of its env_file entries.
	EnvFiles []string `json:"-"`
	// Needs are the services that it depends on, with the conditions of depends_on:
	// service_started, service_healthy, service_completed_successfully.
	Needs map[string]string `json:"-"`
	// ComposeStarts says that docker compose must start the service, because it does
	// more than have the engine start containers: it runs hooks, copies contents in,
	// or goes on without a dependency that is not required.
	ComposeStarts bool     `json:"-"`
	Ports         []Port   `json:"ports"`
	Networks      []string `json:"networks"`
}

// Port is one published port of a service. A range in the file is several Ports.
type Port struct {
	// Published is the host port in the file, by which tests ask for it, not the
	// one that it gets. Zero means that the file names none.
	Published int `json:"published"`
	// Target is the port in the container. Two ports of one service may have the
	// same target; both then lead to one new host port.
	Target int `json:"target"`
	// Protocol is tcp, udp or sctp.
	Protocol string `json:"protocol"`
	// HostIP is the address on which the port will be published. Empty means
	// Docker's default.
	HostIP string `json:"hostIP,omitempty"`
	// Variable is the variable that takes the leased number. It is empty if the
	// port is not leased: then the engine chooses the number, unless it is Kept.
	Variable string `json:"variable,omitempty"`
	// Kept says that the port keeps the number in the file.
	Kept bool `json:"kept,omitempty"`
}

// HostPath is a file or directory of the host that a service mounts.
type HostPath struct {
	Place
	// Source is the absolute path on the host. Target is the path in the container,
	// empty for the file of a secret or config.
	Source   string `json:"source"`
	Target   string `json:"target,omitempty"`
	ReadOnly bool   `json:"readOnly,omitempty"`
	// MustExist says that the engine must not create a missing directory
	// (create_host_path: false).
	MustExist bool `json:"-"`
}

// Treatment says how an edit keeps copies apart.
type Treatment string

// Treatments of edits.
const (
	// Free leaves the choice to the engine: of a host port, say.
	Free Treatment = "free"
	// Lease replaces the value by a variable for what the caller leases.
	Lease Treatment = "lease"
	// Scope makes a name, or the object that has it, the project's own.
	Scope Treatment = "scope"
	// Alias keeps an old name resolvable inside the project.
	Alias Treatment = "alias"
	// Follow adapts a reference to something that another edit changed.
	Follow Treatment = "follow"
	// Substitute does what the spec asks for.
	Substitute Treatment = "substitute"
)

// Edit is one change to the loaded model.
type Edit struct {
	// Rule is the name of the rule that made the edit: docs/tailoring.md and
	// docs/stacks.md list the rules.
	Rule      string    `json:"rule"`
	Treatment Treatment `json:"treatment"`
	Place
	// Old and New are the values before and after. Nil means that the key is
	// absent.
	Old any `json:"old"`
	New any `json:"new"`
	// What says what changes: "host port 8080 → chosen by the engine".
	What string `json:"what"`
	// Reason says why: "two copies cannot share it".
	Reason string `json:"reason"`

	at    modeltree.Path
	value any
	drop  bool
	one   string
	quiet bool
}

// Severity says how serious a finding is.
type Severity string

// Severities of findings.
const (
	// Refuse means that the project cannot run, or cannot run isolated. Compose and
	// Stack then return a RefusedError.
	Refuse Severity = "refuse"
	// Warning means that the project runs, but that copies may collide here.
	Warning Severity = "warning"
	// Note means that the project runs isolated, but not quite as a reader of the
	// file would expect.
	Note Severity = "note"
)

// Finding is something in the files that keeps copies from being isolated, or that
// a reader of the plan should know.
type Finding struct {
	// Rule is the name of the rule that made the finding, "fixed-port" say:
	// docs/tailoring.md and docs/stacks.md list the rules.
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Place
	// What says what was found.
	What string `json:"what"`
	// Reason says why it matters: mostly, what two copies would do to each other.
	Reason string `json:"reason"`
	// Hint is advice, if no field of the spec settles the finding.
	Hint string `json:"hint,omitempty"`
	// Fixes are the fields of the spec that settle the finding. Each of them is
	// enough by itself; they are in the order in which to consider them. Fixes is
	// empty if no field settles it.
	Fixes []Fix `json:"fixes,omitempty"`

	at modeltree.Path
	// written are all places of a finding that is told once for several.
	written []*yaml.Node
	// more are the ways of findings that are told with this one, by its own.
	more map[int][]Fix
}

// alsoIn is between what is found, in words, and the other lines in which it is.
const alsoIn = ", also in line"

// Place is a place in the files and in the loaded model.
type Place struct {
	// File is the name of the file as the spec gives it; names of included and
	// extended files begin in the same way. File is empty, and Line and Column are
	// 0, for what is in no file.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Service is the name of the service, if the place is in one.
	Service string `json:"service,omitempty"`
	// Path is the path in the loaded model: services.web.ports[0].
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
