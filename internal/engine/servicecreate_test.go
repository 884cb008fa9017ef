// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/swarm"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/portnumber"
)

// wholeService has something in each field.
func wholeService() NewService {
	n := NewService{
		NewContainer: NewContainer{
			Name: "shop-1", Image: "shop:1", Entrypoint: []string{"/bin/shop", "serve"}, Command: []string{"--fast", "a b"},
			Env: []string{"A=1", "B=x,y"}, User: "7:8", Dir: "/srv",
			Ports: []portnumber.Port{{Number: 80, Protocol: "tcp"}, {Number: 53, Protocol: "udp"}},
			Mounts: []Mount{
				{Type: mount.TypeVolume, Source: "data", Target: "/data"}, {Type: mount.TypeVolume, Source: "conf", Target: "/conf", ReadOnly: true},
				{Type: mount.TypeBind, Source: "/src", Target: "/src", ReadOnly: true}, {Type: mount.TypeTmpfs, Target: "/tmp", Size: 1 << 20},
			},
			Networks: []Endpoint{{Network: "front", Aliases: []string{"shop", "www"}}, {Network: "back"}},
			Memory:   2 << 20, NanoCPUs: 1.5e9, PIDs: 9,
			Health: &Health{Test: []string{"CMD-SHELL", "true"}, Interval: time.Second, Timeout: 2 * time.Second, StartPeriod: time.Minute, Retries: 4},
			Labels: map[string]string{"of": "containers"},
		},
		Mode: Replicated, Replicas: 3, EndpointMode: "dnsrr", Constraints: []string{"node.role==worker", "node.labels.disk==ssd"}, Restart: "on-failure",
		Secrets:      []File{{Name: "key"}, {Name: "cert", Target: "/etc/cert", UID: "7", GID: "8", Mode: 0o400}},
		Configs:      []File{{Name: "motd"}, {Name: "conf", Target: "/etc/conf", UID: "9", GID: "10", Mode: 0o440}},
		Own:          map[string]string{"of": "the service"},
		VolumeLabels: func(name string) map[string]string { return map[string]string{"of": name} },
	}
	n.Reserve.MemoryBytes, n.Reserve.NanoCPUs = 1<<20, 0.25e9
	return n
}

// Each field of a service reaches the swarm, whether the API makes it or, because of other flags,
// the docker command.
func TestCreateService(t *testing.T) {
	fake := enginetest.NewFake("swarm", "1.47")
	fake.Handle("/secrets/", func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Base(r.URL.Path)
		_ = json.NewEncoder(w).Encode(swarm.Secret{ID: "id of " + name, Spec: swarm.SecretSpec{Annotations: swarm.Annotations{Name: name}}})
	})
	fake.Handle("/configs/", func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Base(r.URL.Path)
		_ = json.NewEncoder(w).Encode(swarm.Config{ID: "id of " + name, Spec: swarm.ConfigSpec{Annotations: swarm.Annotations{Name: name}}})
	})
	var got swarm.ServiceSpec
	fake.Handle("/services/create", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"ID": "service", "Warnings": ["no digest"]}`)
	})
	e, err := At(t.Context(), Named{Host: fake.ServeUnix(t)}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	var said []string
	n := wholeService()
	n.Warn = func(text string) { said = append(said, text) }
	if id, err := e.CreateService(t.Context(), n); id != "service" || err != nil || len(said) != 1 || said[0] != "no digest" {
		t.Fatalf("the API made %q, said %q, %v", id, said, err)
	}
	if diff := cmp.Diff(wantService(), got); diff != "" {
		t.Errorf("what the API is asked for (-want +got):\n%s", diff)
	}

	asked := filepath.Join(t.TempDir(), "asked")
	n.Warn = nil
	if id, err := fakeDocker(t, `printf '%s\n' "$@" >'`+asked+`'; echo service`).CreateServiceByCommand(t.Context(), n, []string{"--hostname", "h"}); id != "service" || err != nil {
		t.Fatalf("the command made %q, %v", id, err)
	}
	words, err := os.ReadFile(asked)
	if err != nil {
		t.Fatal(err)
	}
	want := `service create --mode=replicated --replicas=3 --env=A=1 --env=B=x,y --user=7:8 --workdir=/srv --endpoint-mode=dnsrr --restart-condition=on-failure
--limit-memory=2097152 --limit-cpu=1.500000000 --limit-pids=9 --reserve-memory=1048576 --reserve-cpu=0.250000000
--constraint=node.role==worker --constraint=node.labels.disk==ssd --publish=mode=host,protocol=tcp,target=80 --publish=mode=host,protocol=udp,target=53
--mount=type=volume,target=/data,source=data,volume-label=of=data --mount=type=volume,target=/conf,source=conf,readonly,volume-label=of=conf
--mount=type=bind,target=/src,source=/src,readonly --mount=type=tmpfs,target=/tmp,tmpfs-size=1048576
--network=name=front,alias=shop,alias=www --network=name=back
--secret=source=key,target=key,uid=0,gid=0,mode=0444 --secret=source=cert,target=/etc/cert,uid=7,gid=8,mode=0400
--config=source=motd,target=motd,uid=0,gid=0,mode=0444 --config=source=conf,target=/etc/conf,uid=9,gid=10,mode=0440
--health-cmd=true --health-interval=1s --health-timeout=2s --health-start-period=1m0s --health-retries=4 --entrypoint=/bin/shop
--hostname h --detach --quiet --no-resolve-image --name=shop-1 --label=of=the_service --container-label=of=containers shop:1 serve --fast a_b`
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(strings.ReplaceAll(string(words), " ", "_"))); diff != "" {
		t.Errorf("what the docker command is asked for (-want +got):\n%s", diff)
	}
}

func wantService() swarm.ServiceSpec {
	none, replicas := time.Duration(0), uint64(3)
	labelled := func(name string) *mount.VolumeOptions {
		return &mount.VolumeOptions{Labels: map[string]string{"of": name}}
	}
	hosted := func(protocol network.IPProtocol, target uint32) swarm.PortConfig {
		return swarm.PortConfig{Protocol: protocol, TargetPort: target, PublishMode: swarm.PortConfigPublishModeHost}
	}
	return swarm.ServiceSpec{
		Annotations: swarm.Annotations{Name: "shop-1", Labels: map[string]string{"of": "the service"}},
		Mode:        swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &replicas}},
		TaskTemplate: swarm.TaskSpec{
			ContainerSpec: &swarm.ContainerSpec{
				Image: "shop:1", Command: []string{"/bin/shop", "serve"}, Args: []string{"--fast", "a b"}, Env: []string{"A=1", "B=x,y"}, User: "7:8", Dir: "/srv",
				Labels:      map[string]string{"of": "containers"},
				Healthcheck: &container.HealthConfig{Test: []string{"CMD-SHELL", "true"}, Interval: time.Second, Timeout: 2 * time.Second, StartPeriod: time.Minute, Retries: 4},
				Mounts: []mount.Mount{
					{Type: mount.TypeVolume, Source: "data", Target: "/data", VolumeOptions: labelled("data")},
					{Type: mount.TypeVolume, Source: "conf", Target: "/conf", ReadOnly: true, VolumeOptions: labelled("conf")},
					{Type: mount.TypeBind, Source: "/src", Target: "/src", ReadOnly: true},
					{Type: mount.TypeTmpfs, Target: "/tmp", TmpfsOptions: &mount.TmpfsOptions{SizeBytes: 1 << 20}},
				},
				Secrets: []*swarm.SecretReference{
					{SecretID: "id of key", SecretName: "key", File: &swarm.SecretReferenceFileTarget{Name: "key", UID: "0", GID: "0", Mode: 0o444}},
					{SecretID: "id of cert", SecretName: "cert", File: &swarm.SecretReferenceFileTarget{Name: "/etc/cert", UID: "7", GID: "8", Mode: 0o400}},
				},
				Configs: []*swarm.ConfigReference{
					{ConfigID: "id of motd", ConfigName: "motd", File: &swarm.ConfigReferenceFileTarget{Name: "motd", UID: "0", GID: "0", Mode: 0o444}},
					{ConfigID: "id of conf", ConfigName: "conf", File: &swarm.ConfigReferenceFileTarget{Name: "/etc/conf", UID: "9", GID: "10", Mode: 0o440}},
				},
			},
			Resources: &swarm.ResourceRequirements{
				Limits:       &swarm.Limit{NanoCPUs: 1.5e9, MemoryBytes: 2 << 20, Pids: 9},
				Reservations: &swarm.Resources{NanoCPUs: 0.25e9, MemoryBytes: 1 << 20},
			},
			RestartPolicy: &swarm.RestartPolicy{Condition: "on-failure", Window: &none},
			Placement:     &swarm.Placement{Constraints: []string{"node.role==worker", "node.labels.disk==ssd"}},
			Networks:      []swarm.NetworkAttachmentConfig{{Target: "front", Aliases: []string{"shop", "www"}}, {Target: "back"}},
		},
		EndpointSpec: &swarm.EndpointSpec{Mode: "dnsrr", Ports: []swarm.PortConfig{hosted(network.TCP, 80), hosted(network.UDP, 53)}},
	}
}

// What a service is to have, as the managers tell it.
func TestServiceOf(t *testing.T) {
	t.Parallel()
	two, five := uint64(2), uint64(5)
	of := func(m swarm.ServiceMode, p *swarm.RestartPolicy) Service {
		return serviceOf(swarm.Service{Spec: swarm.ServiceSpec{Mode: m, TaskTemplate: swarm.TaskSpec{RestartPolicy: p}}})
	}
	for about, test := range map[string]struct{ got, want Service }{
		"by default":        {of(swarm.ServiceMode{}, nil), Service{Mode: Replicated, Wanted: 1, Restart: "any"}},
		"no number":         {of(swarm.ServiceMode{Replicated: &swarm.ReplicatedService{}}, &swarm.RestartPolicy{}), Service{Mode: Replicated, Wanted: 1, Restart: "any"}},
		"replicas":          {of(swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &five}}, &swarm.RestartPolicy{Condition: "none", MaxAttempts: &two}), Service{Mode: Replicated, Wanted: 5, Restart: "none", Attempts: 2}},
		"on each node":      {of(swarm.ServiceMode{Global: &swarm.GlobalService{}}, nil), Service{Mode: Global, Restart: "any"}},
		"a job":             {of(swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{TotalCompletions: &five, MaxConcurrent: &two}}, nil), Service{Mode: ReplicatedJob, Wanted: 5, AtOnce: 2, Restart: "any"}},
		"a job all at once": {of(swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{MaxConcurrent: &two}}, nil), Service{Mode: ReplicatedJob, Wanted: 2, AtOnce: 2, Restart: "any"}},
		"a job on each":     {of(swarm.ServiceMode{GlobalJob: &swarm.GlobalJob{}}, nil), Service{Mode: GlobalJob, Restart: "any"}},
	} {
		if test.got.spec = ""; !cmp.Equal(test.want, test.got, cmp.AllowUnexported(Service{})) {
			t.Errorf("%s: %+v, want %+v", about, test.got, test.want)
		}
	}
	is := serviceOf(swarm.Service{ID: "id", JobStatus: &swarm.JobStatus{JobIteration: swarm.Version{Index: 3}}, UpdateStatus: &swarm.UpdateStatus{State: "paused", Message: "why"}, Spec: wantService()})
	want := Service{
		Object: Object{ID: "id", Name: "shop-1", Labels: map[string]string{"of": "the service"}}, Mode: Replicated, Wanted: 3, Restart: "on-failure", Image: "shop:1",
		Constraints: []string{"node.role==worker", "node.labels.disk==ssd"}, NanoCPUs: 0.25e9, MemoryBytes: 1 << 20, Iteration: 3, Volumes: []string{"data", "conf"},
		Update: "paused", UpdateMessage: "why", spec: is.spec,
	}
	if diff := cmp.Diff(want, is, cmp.AllowUnexported(Service{})); diff != "" {
		t.Errorf("a whole service (-want +got):\n%s", diff)
	}
}

// A number of replicas is changed where there is one, and the next change starts from what
// somebody else has made of the service meanwhile.
func TestScale(t *testing.T) {
	t.Parallel()
	one := uint64(1)
	service := func(id string, m swarm.ServiceMode) swarm.Service {
		return swarm.Service{ID: id, Spec: swarm.ServiceSpec{Mode: m}}
	}
	for _, test := range []struct {
		is   swarm.Service
		want string // as JSON, or an error
	}{
		{service("replicas", swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &one}}), `{"Replicated":{"Replicas":4}}`},
		{service("job", swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{MaxConcurrent: &one, TotalCompletions: &one}}), `{"ReplicatedJob":{"MaxConcurrent":1,"TotalCompletions":4}}`},
		{service("each", swarm.ServiceMode{Global: &swarm.GlobalService{}}), "it has a task on each node, and no number of replicas"},
	} {
		fake := enginetest.NewFake("swarm", "1.47")
		var versions []string
		var got swarm.ServiceSpec
		is := test.is
		is.Version.Index = 10
		fake.Handle("/services/"+is.ID, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(is) })
		fake.Handle("/services/"+is.ID+"/update", func(w http.ResponseWriter, r *http.Request) {
			versions = append(versions, r.URL.Query().Get("version"))
			if len(versions) == 1 {
				is.Version.Index++ // somebody was faster
				http.Error(w, `{"message":"update out of sequence"}`, http.StatusInternalServerError)
				return
			}
			_ = json.NewDecoder(r.Body).Decode(&got)
			_, _ = io.WriteString(w, "{}")
		})
		e, err := At(t.Context(), Named{Host: fake.ServeUnix(t)}, Caller{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.CloseIdle)
		err = e.Scale(t.Context(), is.ID, 4)
		mode, _ := json.Marshal(got.Mode)
		told := string(mode)
		if err != nil {
			told = err.Error()
		}
		if told != test.want || told[0] == '{' && !cmp.Equal(versions, []string{"10", "11"}) {
			t.Errorf("%s: %s at versions %q, want %s", is.ID, told, versions, test.want)
		}
	}
}
