// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/moby/moby/client"
)

// labelTest is the label that names the test an object belongs to.
const labelTest = "io.github.seatrial.test"

// Docker runs the docker command and returns what it printed to stdout.
func Docker(t TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).Output()
	if err != nil {
		t.Fatalf("docker %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// Objects lists every object on the engine, one line each, whoever made it:
// containers, networks, volumes, and images but those that are kept for the next
// build. Other tests may be making some right now: compare what it returns only
// where a test has the engine to itself.
func Objects(t TB) string {
	t.Helper()
	all, err := held()
	if err != nil {
		t.Fatal("listing what the engine has: ", err)
	}
	return strings.Join(all, "")
}

// Images is Objects for images alone.
func Images(t TB) string {
	t.Helper()
	all, err := projectImages(context.Background())
	if err != nil {
		t.Fatal("listing the engine's images: ", err)
	}
	return strings.Join(all, "")
}

// Left lists the containers, networks and volumes that belong to the test of this
// name, and to its subtests, as their labels say. What carries no label, an anonymous volume say, is
// found when the package ends: see [Main].
func Left(t TB, test string) string {
	t.Helper()
	return LeftBy(t, func(labels map[string]string) bool {
		of := labels[labelTest]
		return of == test || strings.HasPrefix(of, test+"/")
	})
}

// LeftBy is Left for those whose labels are of the kind that is looked for.
func LeftBy(t TB, belong func(labels map[string]string) bool) string {
	t.Helper()
	all, err := objects(context.Background(), belong)
	if err != nil {
		t.Fatal("listing what a test has on the engine: ", err)
	}
	return strings.Join(all, "")
}

// api is a connection to the engine that the environment, or the current docker
// context, names. It is cheaper to ask than a docker command is to start, which
// matters where a test asks again and again.
var api = sync.OnceValues(func() (*client.Client, error) {
	if os.Getenv("DOCKER_HOST") != "" {
		return client.New(client.FromEnv)
	}
	host, err := exec.Command("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").Output()
	if err != nil {
		return nil, fmt.Errorf("docker context inspect: %w", err)
	}
	return client.New(client.FromEnv, client.WithHost(strings.TrimSpace(string(host))))
})

// held lists all that the engine has, but images that are kept for the next build.
func held() ([]string, error) {
	all, err := objects(context.Background(), func(map[string]string) bool { return true })
	if err != nil {
		return nil, err
	}
	images, err := projectImages(context.Background())
	return append(all, images...), err
}

// objects lists the containers, networks and volumes whose labels match.
func objects(ctx context.Context, match func(labels map[string]string) bool) ([]string, error) {
	c, err := api()
	if err != nil {
		return nil, err
	}
	containers, err := c.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return nil, err
	}
	networks, err := c.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return nil, err
	}
	volumes, err := c.VolumeList(ctx, client.VolumeListOptions{})
	if err != nil {
		return nil, err
	}
	var all []string
	add := func(labels map[string]string, kind, name string) {
		if match(labels) {
			all = append(all, kind+" "+name+"\n")
		}
	}
	for _, one := range containers.Items {
		add(one.Labels, "container", strings.Join(one.Names, ","))
	}
	for _, one := range networks.Items {
		add(one.Labels, "network", one.Name)
	}
	for _, one := range volumes.Items {
		add(one.Labels, "volume", one.Name)
	}
	slices.Sort(all)
	return all, nil
}

// projectImages lists images but those that are kept for the next build.
func projectImages(ctx context.Context) ([]string, error) {
	c, err := api()
	if err != nil {
		return nil, err
	}
	images, err := c.ImageList(ctx, client.ImageListOptions{})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, image := range images.Items {
		names := image.RepoTags
		if len(names) == 0 {
			names = []string{"<none>"}
		}
		for _, name := range names {
			if kept := strings.HasPrefix(name, "localhost/seatrial") && !strings.Contains(name, ":building-") && !strings.Contains(name, ":commit-"); !kept {
				all = append(all, "image "+name+" "+image.ID+"\n")
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

// Leases lists what the test of this name has leased on the engine, as the labels
// of its volumes say: port/20001, say.
func Leases(t TB, test string) []string {
	t.Helper()
	c, err := api()
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := c.VolumeList(context.Background(), client.VolumeListOptions{Filters: client.Filters{}.Add("label", labelTest+"="+test)})
	if err != nil {
		t.Fatal("listing what a test has leased: ", err)
	}
	var all []string
	for _, one := range volumes.Items {
		if lease := one.Labels["io.github.seatrial.lease"]; lease != "" {
			all = append(all, lease)
		}
	}
	return all
}
