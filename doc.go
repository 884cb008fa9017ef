// SPDX-License-Identifier: Apache-2.0

// Package seatrial tests the Docker images, Compose files and Swarm stacks that
// you ship: those very files, several copies at once on one machine, with nothing
// left behind and a clear answer when it fails.
//
//	func TestOrders(t *testing.T) {
//		img := seatrial.Build(t, spec.Image{Context: "../orders"})
//		app := seatrial.Up(t, spec.Project{
//			Files:  []string{"../deploy/compose.yaml"},
//			Images: map[string]string{"example/orders:2": img.Ref},
//		})
//		api := app.Service(t, "api")
//		resp, err := http.Get(api.URL(t, 8080) + "/orders") // 8080 as the file says it
//		…
//	}
//
// There is no error to check and nothing to clean up: a verb that fails ends
// the test and says why, and what a test made goes when it ends.
//
// # Verbs and handles
//
// [Build] makes an [Image] from a Dockerfile, [Run] a [Container] from an image,
// [Up] a [Project] from Compose files. Each takes the test and one struct of
// package spec, and returns a handle that can be asked questions or told to act:
// [Container.URL], [Container.Wait], [Container.Restart]. What can be waited for
// is in package wait. How a Compose file is made to run beside a copy of itself
// is in package tailor.
//
// [RunToEnd] and [Container.Exec] run something to its end, and return its exit
// code and its output. [CreateNetwork] and [CreateVolume] make what several
// containers of a test share, and [WrapContainer] gives the handle of a container
// that was there before. [Together] starts several things at once. [WrapImage] is
// for an image that is there or on a registry, [BlankImage] for one that something
// else builds, and [Name] for whatever needs a name that nobody has.
//
// [Docker] and [StartDocker] run any other docker command, or another program, in
// the name of the test, and [Own] has what it makes go with the test. [Try]
// returns a failure as an error, for a test that expects one. [Main] and [Share]
// are for what the tests of a package share, [Shared] for what those of several
// packages do.
//
// A project can be changed while it runs: [Project.Update] makes it the next
// version, with its data, [Project.Scale] changes the number of replicas,
// [Project.Run] runs one of its services once more, [Project.Stop] and
// [Project.Start] stop and start it.
//
// # Swarms
//
// On the manager of a swarm, [Serve] runs a [Service], [Deploy] a [Stack] from the
// file that is shipped, and [CreateSecret] and [CreateConfig] make what they read.
// They return when all tasks are as they are to be, or fail with the task's own
// words. A [Task] says on which node it runs, and has a container there.
// [Service.Scale], [Stack.Update] and [Service.Rollback] change what runs, and
// [Service.Wait] waits for what becomes of it, after a node went, say. Package
// swarmtest starts a swarm of several nodes, and breaks them.
//
// # The engine
//
// The engine is the one that the docker command would talk to: DOCKER_HOST, the
// current docker context, or the default socket; with TLS or behind ssh, too. If
// nothing is named and nobody listens at the default socket, it is the first that
// answers of rootless Docker, Docker Desktop, Colima, OrbStack, Rancher Desktop
// and Podman. Compose projects and builds are run by the installed docker command
// with its compose and buildx plugins, on the same engine.
//
// [On] gives the same verbs on another engine, and package swarmtest starts one.
// An image goes from one to the other by [Engine.Load]. [Need] skips a test whose
// engine will not do. Published ports are looked for where the engine is: on the
// loopback if that reaches them, else at its host. If that cannot be found out, a
// test that asks for a port fails, and SEATRIAL_ADDRESS can say it.
//
// # The end of a test
//
// When the test ends, passed or failed, its containers, networks and volumes are
// removed, without the grace period that docker stop gives. Built images stay,
// so that the next run is faster, until nobody has used them for five days. If the test failed, the place of its artifacts
// is printed: see [Artifacts].
//
// If the test's process is killed, panics, runs out of time or is interrupted, a
// second process, which was started with the first object, removes everything
// within seconds. It is the test's own program: the init functions of packages
// that Go initializes before this one run in it, too. What kills both (the whole
// machine, or the container that the test runs in) leaves the work to the next
// run, or to the command seatrial gc.
//
// SEATRIAL_KEEP=failed leaves what a failed test made, SEATRIAL_KEEP=all that of
// every test: running, for 4 hours, or for the time in SEATRIAL_KEEP=failed:30m.
// The test's log says how to enter it, and how to remove it before (go test shows
// the log of a test that passed with -v only). A process that is killed, runs out
// of time or calls os.Exit keeps nothing.
package seatrial
