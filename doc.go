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
// the test and says why, and what a test made is removed when it ends.
//
// # Verbs and handles
//
// [Build] makes an [Image] from a Dockerfile, [Run] a [Container] from an image,
// [Up] a [Project] from Compose files. Each takes the test and one struct of
// package spec, and returns a handle that can be asked questions or told to act:
// [Container.URL], [Container.Wait], [Container.Restart]. Package wait has the
// conditions to wait for. Package tailor makes a Compose file run beside a copy of
// itself.
//
// [RunToEnd] and [Container.Exec] run something to its end, and return its exit
// code and its output. [CreateNetwork] and [CreateVolume] make what several
// containers of a test share, and [WrapContainer] returns the handle of a container
// that exists already. [Together] starts several things at once. [WrapImage] is for
// an image that the engine or a registry has, [BlankImage] for one that is built by
// other means, and [Name] for whatever needs a unique name.
//
// [Docker] and [StartDocker] run any other docker command, or another program, for
// the test, and [Own] has what they make removed when the test ends. [Try] returns a
// failure as an error, for a test that expects one. [Main] and [Share] are for what
// the tests of one package share, [Shared] for what the tests of several packages
// share.
//
// A project can be changed while it runs: [Project.Update] turns it into its next
// version and keeps its data, [Project.Scale] changes the number of replicas,
// [Project.Run] runs one of its services once more, [Project.Stop] and
// [Project.Start] stop and start it.
//
// # Swarms
//
// On the manager of a swarm, [Serve] runs a [Service], [Deploy] a [Stack] from the
// file that is shipped, and [CreateSecret] and [CreateConfig] make what they read.
// They return when all tasks have reached their desired state, or fail with the
// task's own words. A [Task] says on which node it runs, and has a container there.
// [Service.Scale], [Stack.Update] and [Service.Rollback] change what runs, and
// [Service.Wait] waits until a service has converged again, after the loss of a
// node, say. Package swarmtest starts a swarm of several nodes, and breaks them.
//
// # The engine
//
// The engine is the one that the docker command would talk to: DOCKER_HOST, the
// current docker context, or the default socket; over TLS and ssh, too. If none is
// named and nothing listens on the default socket, it is the first of rootless
// Docker, Docker Desktop, Colima, OrbStack, Rancher Desktop and Podman that
// answers. Compose projects and builds are run by the installed docker command with
// its compose and buildx plugins, on the same engine.
//
// [On] gives the same verbs on another engine, and package swarmtest starts one.
// [Engine.Load] copies an image from one engine to another. [Need] skips a test
// whose engine lacks what the test needs. Published ports are reached where the
// engine is: on the loopback address if that leads to them, else on the engine's
// host. If seatrial cannot find out where that is, a test that asks for a port
// fails; SEATRIAL_ADDRESS names the address.
//
// # Time limits
//
// Verbs and methods have time limits: the TimeLimit of the spec, or else, as a rule,
// 2 minutes for a container, 5 for a service, 10 for a project, a stack or a command,
// and 20 for a build or a pull; a wait.Within in a Ready condition adds to that. All
// of them end before the test's deadline (go test -timeout): a tenth of the time
// left, at least 10 seconds but no more than half, is kept for saving the artifacts
// and for cleaning up.
//
// # The end of a test
//
// When the test ends, passed or failed, its containers, networks and volumes are
// removed, without the grace period that docker stop gives. Built images stay, so
// that the next run is faster, until nobody has used them for five days. If the
// test failed, the path of its artifacts is printed: see [Artifacts].
//
// If the test's process is killed, panics, runs out of time or is interrupted, a
// second process, the watchdog, removes everything within seconds. It is started
// with the first object, and is the test's own program once more: the init functions
// of packages that Go initializes before this one run a second time there. If both
// are killed (with the whole machine, or with the container that the test runs in),
// the next run, or the command seatrial gc, removes what is left. So it is on Windows,
// where there is no watchdog.
//
// With SEATRIAL_KEEP=failed, everything that a failed test made stays and keeps
// running, with SEATRIAL_KEEP=all everything that any test made: for 4 hours, or
// for the time in SEATRIAL_KEEP=failed:30m. The test's log says how to enter the
// containers that have a shell, and how to remove them sooner (go test shows the log
// of a test that passed only with -v). A process that is killed, runs out of time or
// calls os.Exit keeps nothing.
package seatrial
