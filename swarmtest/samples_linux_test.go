// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// A product of two stacks, which meet on a network that neither makes, and take their
// images from variables.

const storeStack = `
services:
  store:
    image: ${REGISTRY}store:${TAG}
    command: ["-serve", ":80"]
    networks: [shop]
    volumes: ["stock:/data"]
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: ["node.role == manager"]} # its volume is there
      update_config: {monitor: 200ms}
      rollback_config: {monitor: 200ms}
networks: {shop: {external: true, name: shop-net}}
volumes: {stock: {name: shop-stock}}
`

const webStack = `
services:
  web:
    image: ${WEB_IMAGE}
    command: ["-serve", ":80"]
    networks: [shop]
    ports: [{target: 80, published: 8080, mode: host}]
    deploy: {endpoint_mode: dnsrr}
networks: {shop: {external: true, name: shop-net}}
`

// The product is started twice at once. The store of one goes to its next version and back
// again, with its data.
func twoStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	storeFile, webFile := stackFile(t, storeStack), stackFile(t, webStack)
	version := func(tag string) spec.Stack {
		built := manager.Build(t, spec.Image{Dockerfile: writeFiles(t, map[string]string{"Dockerfile": "FROM " + img.Ref + "\nENV NUMBER=" + tag + "\n"}) + "/Dockerfile"})
		return spec.Stack{
			Files:    []string{storeFile},
			Env:      map[string]string{"REGISTRY": "registry.example.com/", "TAG": tag},
			Images:   map[string]string{"registry.example.com/store:" + tag: built.Ref},
			Networks: map[string]string{"shop-net": ""}, // the first stack makes it
		}
	}
	first, second := version("1"), version("2")

	words := [2]string{"first", "second"}
	var stores, webs [2]*seatrial.Stack
	start := func(i int) func(seatrial.T) {
		return func(t seatrial.T) {
			stores[i] = manager.Deploy(t, first)
			webs[i] = manager.Deploy(t, spec.Stack{
				Files:    []string{webFile},
				Env:      map[string]string{"WEB_IMAGE": img.Ref},
				Networks: map[string]string{"shop-net": stores[i].Network(t, "shop")},
			})
			stores[i].Service(t, "store").Task(t).Exec(t, spec.Exec{Command: []string{"/probe", "-write", "/data/stock=" + words[i]}})
		}
	}
	seatrial.Together(t, start(0), start(1))

	// hold checks what each web has from the store that it finds by its name.
	hold := func(about string, numbers [2]string) {
		t.Helper()
		for i, web := range webs {
			at := web.Service(t, "web").URL(t, 8080) + "/fetch?http://store"
			for path, want := range map[string]string{"/file/stock": words[i], "/env?NUMBER": numbers[i]} {
				eventually(t, time.Minute, func() string { // nodes learn late of where a name leads
					got, err := fetchText(at + path)
					if got == words[1-i] {
						t.Fatalf("%s: the %s web reaches the store of the other copy", about, words[i])
					}
					if err != nil || got != want {
						return fmt.Sprintf("%s: the %s web has %q, %v from %s, want %q", about, words[i], got, err, path, want)
					}
					return ""
				})
			}
		}
	}
	hold("as deployed", [2]string{"1", "1"})
	stores[0].Update(t, second)
	hold("after an update of the first", [2]string{"2", "1"})
	stores[0].Service(t, "store").Rollback(t)
	hold("after it was rolled back", [2]string{"1", "1"})
}
