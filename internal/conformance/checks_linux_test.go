// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A check tests a promise, and is a column of the table.
type check struct {
	name, about string
	do          func(t seatrial.T, img string)
}

// Each check fails its test if the promise is not kept. The table distinguishes
// refusals that give a reason from other failures, which are bugs.
var checks = []check{
	{"run", "a container's output and exit code arrive", checkRun},
	{"ports", "a published port is reached at the address that is returned, also after a restart", checkPorts},
	{"compose", "two copies of a project that fixes ports and names run side by side, healthy, with data of their own", checkCompose},
	{"build", "an image is built from a Dockerfile and run", checkBuild},
	{"substitution", "the same, with another image in place of the one that the Dockerfile builds on, in every form in which a Dockerfile can name one; and the result is found again", checkSubstitution},
	{"compose build", "a project builds its image", checkComposeBuild},
	{"host files", "a project mounts a directory and a file of this machine", func(t seatrial.T, img string) { checkFiles(t, img, false) }},
	{"copied files", "the same, where containers may have a copy (`spec.Project.CopyMounts`)", func(t seatrial.T, img string) { checkFiles(t, img, true) }},
	{"container", "networks with aliases, a volume, limits, exec, files copied in and out, commit", func(t seatrial.T, img string) { checkContainer(t, img, nil) }},
	{"flags", "the same with raw flags of docker run", func(t seatrial.T, img string) { checkContainer(t, img, []string{"--cap-add", "NET_ADMIN"}) }},
	{"mounts", "a container mounts a directory and a file of this machine, and writes there as its user", checkMounts},
	{"foreign image", "an image name that only seatrial gives, and that the engine does not have, is refused, and no registry is asked", checkForeign},
}

// resultMark is the prefix of lines with the results of a run.
const resultMark = "conformance: "

const yes = "yes"

// TestChecks runs all checks on the engine that the environment names. TestMatrix
// starts it in the place of that engine.
func TestChecks(t *testing.T) {
	if os.Getenv("SEATRIAL_CONFORMANCE") == "" {
		t.Skip("is started by TestMatrix")
	}
	before := everything(t)
	img := image(t)
	for _, c := range checks {
		r := enginetest.Record("Conform/"+c.name, time.Now().Add(5*time.Minute), func(r *enginetest.Recorder) { c.do(r, img) })
		result := yes
		if r.Failed() {
			result = reason(r.Errors())
			t.Logf("%s: %s", c.name, r.Errors())
			if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
				dir, _, _ = strings.Cut(dir, "\n")
				os.RemoveAll(dir)
			}
		}
		tell(c.name, result)
		result = yes
		if after := everything(t); after != before {
			result = "leaves something"
			t.Logf("after %s the engine has\n%s\nbefore it had\n%s", c.name, after, before)
		}
		tell("left/"+c.name, result)
	}
	tell("killed", killed(t, before))
}

func tell(name, result string) { fmt.Printf("%s%s=%s\n", resultMark, name, result) }

// reason is the first line of an error, without what differs from run to run.
func reason(errors string) string {
	line, _, _ := strings.Cut(errors, "\n")
	for _, r := range []struct{ pattern, instead string }{
		{`unix:///\S*[^\s:),]`, "HOST"},
		{`(tcp|ssh)://[^\s),]*[^\s:),]`, "HOST"},
		{`/[^\s:]*/(files|compose|build)\.yaml`, "$1.yaml"},
		{`localhost/seatrial/\S+?:[0-9a-f]{12,20}`, "IMAGE"},
		{`/\S+/files-\d+`, "DIR"},
		{`/\S+/Dockerfile\b`, "Dockerfile"},
		{`port \d{5}`, "port N"},
	} {
		line = regexp.MustCompile(r.pattern).ReplaceAllString(line, r.instead)
	}
	return line
}

// image imports the probe's image, as every engine can do that, and the other
// checks should not depend on BuildKit.
func image(t *testing.T) string {
	t.Helper()
	const name = "localhost/seatrial/conformance:1"
	cmd := exec.Command("docker", "import", "--change", `ENTRYPOINT ["/probe"]`, "-", name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer in.Close()
		_ = enginetest.WriteProbeArchive(t, in) // docker import fails if it does
	}()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker import: %v\n%s", err, out)
	}
	return name
}

func checkRun(t seatrial.T, img string) {
	c := seatrial.Run(t, spec.Container{Image: img, Command: []string{"-print", "to stdout", "-print", "!to stderr", "-exit", "3"}, Ready: wait.Exit(3)})
	if got := c.Logs(t); !strings.Contains(got, "to stdout\n") || !strings.Contains(got, "to stderr\n") {
		t.Errorf("the log is %q", got)
	}
}

func checkPorts(t seatrial.T, img string) {
	c := seatrial.Run(t, spec.Container{Image: img, Command: []string{"-serve", ":80"}, Ports: []int{80},
		Ready: wait.All(wait.HTTP(80, "/health"), wait.Listening(80), wait.File("/probe"), wait.Exec("/probe", "-exists", "/probe"))})
	expect(t, c.URL(t, 80)+"/health", "ok\n")
	c.Restart(t)
	c.Wait(t, wait.HTTP(80, "/health"))
	expect(t, c.URL(t, 80)+"/health", "ok\n")
}

func checkCompose(t seatrial.T, img string) {
	var copies [2]*seatrial.Project
	for i := range copies {
		copies[i] = seatrial.Up(t, spec.Project{Files: []string{"testdata/compose.yaml"}, Images: map[string]string{"example/probe:1": img},
			Ready: map[string]wait.Condition{"web": wait.HTTP(8080, "/health")}})
	}
	for i, app := range copies {
		store, web := app.Service(t, "store"), app.Service(t, "web")
		store.Wait(t, wait.HTTP(19000, "/health")) // the services run, but may not listen yet
		web.Wait(t, wait.HTTP(18080, "/health"))
		put(t, store.URL(t, 19000)+"/file/name", fmt.Sprint("copy ", i))
		expect(t, web.URL(t, 18080)+"/fetch?http://conform-store:9000/file/name", fmt.Sprint("copy ", i))
	}
	for i, app := range copies {
		expect(t, app.Service(t, "store").URL(t, 19000)+"/file/name", fmt.Sprint("copy ", i))
	}
}

func checkBuild(t seatrial.T, _ string) {
	img := seatrial.Build(t, spec.Image{Context: probeContext()})
	seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-print", "built"}, Ready: wait.Log("built")})
}

func checkComposeBuild(t seatrial.T, _ string) {
	app := seatrial.Up(t, spec.Project{Files: []string{"testdata/build.yaml"}, Env: map[string]string{"CONTEXT": probeContext()},
		Ready: map[string]wait.Condition{"web": wait.HTTP(8080, "/health")}})
	expect(t, app.Service(t, "web").URL(t, 18081)+"/health", "ok\n")
}

func checkFiles(t seatrial.T, img string, copies bool) {
	parent := probeContext()
	unseen := os.Getenv("SEATRIAL_CONFORMANCE_HIDDEN")
	if copies && unseen != "" {
		parent = unseen
	}
	dir, err := os.MkdirTemp(parent, "files-") // other rows see this directory, too
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	content := time.Now().String()
	if err := os.WriteFile(filepath.Join(dir, "now"), []byte(content), 0o644); err != nil {
		t.Errorf("%v", err)
	}
	healthy := wait.HTTP(8080, "/health")
	app := seatrial.Up(t, spec.Project{Files: []string{"testdata/files.yaml"}, CopyMounts: copies,
		Images: map[string]string{"example/probe:1": img}, Env: map[string]string{"FILES": dir},
		Ready: map[string]wait.Condition{"web": healthy, "one": healthy}})
	expect(t, app.Service(t, "web").URL(t, 18082)+"/file/now", content)
	expect(t, app.Service(t, "one").URL(t, 18083)+"/file/now", content)
	volumes, err := exec.Command("docker", "volume", "ls", "--quiet", "--filter", "name="+app.Name+"-copy-").Output()
	if copied := len(volumes) > 0; err != nil || unseen != "" && copied != copies {
		t.Errorf("copies are mounted: %v, %v, want %v", copied, err, copies)
	}
}

func checkContainer(t seatrial.T, img string, flags []string) {
	one, two := seatrial.CreateNetwork(t, spec.Network{Name: "one"}), seatrial.CreateNetwork(t, spec.Network{Name: "two"})
	vol := seatrial.CreateVolume(t, spec.Volume{})
	c := seatrial.Run(t, spec.Container{Image: img, Command: []string{"-serve", ":80"}, Ready: wait.Log("listening"), Flags: flags,
		Networks: []spec.Endpoint{{Network: one.Name, Aliases: []string{"first"}}, {Network: two.Name, Aliases: []string{"second"}}},
		Mounts:   []spec.Mount{{Target: "/data", Volume: vol.Name}},
		Limits:   spec.Limits{Memory: 64 << 20, CPUs: 0.5, PIDs: 100}})
	for network, alias := range map[string]string{one.Name: "first", two.Name: "second"} {
		seatrial.RunToEnd(t, spec.Container{Image: img, Networks: []spec.Endpoint{{Network: network}}, Command: []string{"-check", "http://" + alias + "/health"}})
	}
	dir, err := os.MkdirTemp("", "seatrial-conformance-")
	if err != nil {
		t.Errorf("%v", err)
	}
	defer os.RemoveAll(dir)
	_ = os.WriteFile(filepath.Join(dir, "a"), []byte("content"), 0o640)
	c.CopyIn(t, dir, "/data/sub")
	c.Exec(t, spec.Exec{Command: []string{"/probe", "-write", "/made=text"}})
	c.CopyOut(t, "/data/sub", filepath.Join(dir, "back"))
	if got, err := os.ReadFile(filepath.Join(dir, "back", "a")); string(got) != "content" {
		t.Errorf("the file came back as %q, %v", got, err)
	}
	r := seatrial.RunToEnd(t, spec.Container{Image: c.Commit(t).Ref, Entrypoint: []string{"/probe"}, Command: []string{"-stat", "/made"}})
	if !strings.HasSuffix(r.Stdout, " text\n") {
		t.Errorf("in the committed image, the file is %q", r.Stdout)
	}
}

// checkMounts mounts this machine's files if the engine has them, and copies
// otherwise.
func checkMounts(t seatrial.T, img string) {
	dir, err := os.MkdirTemp(probeContext(), "files-")
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	_ = os.WriteFile(filepath.Join(dir, "now"), []byte("content"), 0o644)
	r := seatrial.RunToEnd(t, spec.Container{Image: img, Command: []string{"-stat", "/dir/now", "-stat", "/one", "-write", "/dir/made=x", "-id"},
		Mounts: []spec.Mount{{Target: "/dir", Host: dir, Copy: true}, {Target: "/one", Host: filepath.Join(dir, "now"), ReadOnly: true, Copy: true}}})
	if strings.Count(r.Stdout, "content") != 2 {
		t.Errorf("it sees %q", r.Stdout)
	}
	if info, err := os.Stat(filepath.Join(dir, "made")); err == nil { // the engine has our files
		if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Getuid() {
			t.Errorf("the file belongs to %d, want the tester, %d", owner, os.Getuid())
		}
		if err := os.Remove(filepath.Join(dir, "made")); err != nil {
			t.Errorf("the file is not the tester's: %v", err)
		}
	}
}

func checkForeign(t seatrial.T, _ string) {
	r := enginetest.Record("foreign", time.Time{}, func(r *enginetest.Recorder) {
		seatrial.Run(r, spec.Container{Image: "localhost/seatrial/elsewhere:0123456789ab"})
	})
	if want := "does not have it\n    hint: Engine.Load brings it there"; !strings.Contains(r.Errors(), want) {
		t.Errorf("running an image of another engine: %q, want %q", r.Errors(), want)
	}
	if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
		os.RemoveAll(strings.TrimSpace(dir))
	}
}

// probeContext is a directory to build from, which TestMain makes.
var probeContext = sync.OnceValue(func() string { return os.Getenv("SEATRIAL_CONFORMANCE_CONTEXT") })

func expect(t seatrial.T, url, want string) {
	resp, err := http.Get(url)
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || string(got) != want {
		t.Errorf("GET %s = %q, %v, want %q", url, got, err, want)
	}
}

func put(t seatrial.T, url, content string) {
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(content))
	if err == nil {
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
}

// everything lists all objects of the engine except images, which stay for the next
// build.
func everything(t *testing.T) string {
	t.Helper()
	var all []string
	for _, args := range [][]string{
		{"ps", "--all", "--format", "container {{.Names}}"}, {"network", "ls", "--format", "network {{.Name}}"}, {"volume", "ls", "--format", "volume {{.Name}}"},
	} {
		out, err := exec.Command("docker", args...).Output()
		if err != nil {
			t.Fatalf("docker %s: %v", args[0], err)
		}
		all = append(all, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	slices.Sort(all)
	return strings.TrimSpace(strings.Join(all, "\n"))
}

// TestVictim has a project running, and waits to be killed.
func TestVictim(t *testing.T) {
	ready := os.Getenv("SEATRIAL_CONFORMANCE_READY")
	if ready == "" {
		t.Skip("is started and killed by TestChecks")
	}
	img := image(t)
	c := seatrial.Run(t, spec.Container{Image: img, Command: []string{"-deaf", "-serve", ":80"}, Ready: wait.Log("listening")})
	seatrial.Up(t, spec.Project{Files: []string{"testdata/compose.yaml"}, Images: map[string]string{"example/probe:1": img}})
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Wait(t, wait.Exit(0)) // until the test is killed
}

// killed kills a test, and waits until nothing of it is left.
func killed(t *testing.T, before string) string {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	tmp := t.TempDir()
	cmd.Env = append(os.Environ(), "SEATRIAL_CONFORMANCE_READY="+ready, "TMPDIR="+tmp)
	out := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			break
		}
		select {
		case <-ended:
			t.Logf("the victim ended too early:\n%s", out)
			return reason(firstError(out.String()))
		default:
		}
		if time.Now().After(end) {
			_ = cmd.Process.Kill()
			t.Fatalf("the victim is not ready:\n%s", out)
		}
	}
	if everything(t) == before {
		t.Fatal("the victim has made nothing, so this shows nothing")
	}
	_ = cmd.Process.Kill()
	<-ended
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if everything(t) != before {
			continue
		}
		if !enginetest.AwaitProcesses("TMPDIR=" + tmp) {
			return "leaves a process"
		}
		return yes
	}
	t.Logf("left of the killed test is\n%s", everything(t))
	return "leaves something"
}

// firstError returns the first line of a failed test's message.
func firstError(out string) string {
	for line := range strings.Lines(out) {
		if at, text, ok := strings.Cut(line, ": "); ok && strings.Contains(at, ".go:") {
			return text
		}
	}
	return out
}
