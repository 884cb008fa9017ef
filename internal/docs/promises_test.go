// SPDX-License-Identifier: Apache-2.0

package docs

// contract is all that is promised, in the order of docs/contract.md.
var contract = []struct {
	title string
	rows  []row
}{
	{"Images", []row{
		{"I1", "build from a Dockerfile", []promise{
			{says: "without a context directory nothing is sent, not even the working directory", tests: []string{"TestBuildWithoutContextSendsNothing"}},
			{says: "arguments, a target, a Dockerfile outside of the context", tests: []string{"TestBuildArgsTargetAndDockerfileElsewhere"}},
			{says: "a platform", tests: []string{"TestBuildForAPlatform"}},
			{says: "without the cache", tests: []string{"TestBuildLeavesNoOtherNames"}},
			{says: "secrets get into the build, and into nothing else", tests: []string{"TestBuildSecrets"}},
			{says: "files are added to the context, also those that an ignore file hides; two of one name are an error", tests: []string{"TestBuildAddsFiles", "TestBuildFails/one name twice"}},
			{says: "the user's directories are as they were", tests: []string{"TestBuildAddsFiles", "TestBuildFails"}},
			{says: "a mistake in the spec is named in the first line", tests: []string{"TestBuildFails", "internal/firstline TestCatalogue"}},
			{says: "a build has a time limit", tests: []string{"TestBuildFails", "internal/session TestLimitSaysWhoSetIt"}},
		}},
		{"I2", "build on another image", []promise{
			{says: "in every form in which a Dockerfile names an image, by every verb", tests: []string{"internal/image TestBasesByAllVerbs", "internal/dockerfile TestBases", "internal/dockerfile TestSubstitute"}},
			{says: "an argument that is given decides what a FROM names", tests: []string{"internal/image TestBasesByAllVerbs"}},
			{says: "references are compared whole and in full form; names of stages are not images", tests: []string{"internal/dockerfile TestBases", "tailor TestCases/53_image_substitution"}},
			{says: "a key that matches nothing is an error that lists the images that are named", tests: []string{"TestBuildFails/image that it does not name", "tailor TestCases/53_image_unmatched"}},
			{says: "the Dockerfile stays as it is shipped", tests: []string{"swarmtest TestServices/scenario"}},
			{says: "images that a frontend which is not Docker's builds on", not: "only that frontend knows; it is refused by name (`TestFrontendsByBuild`)"},
		}},
		{"I3", "wrap an image", []promise{
			{says: "pulled if missing, always, or never; once for several tests", tests: []string{"TestWrapImage"}},
			{says: "not deleted, unless the test owns it; a missing one is an error at once", tests: []string{"TestWrapImage"}},
		}},
		{"I4", "a name for an image that others build", []promise{
			{says: "the image is the test's, whoever builds it; it is no error if nobody does", tests: []string{"TestBlankImage"}},
		}},
		{"I5", "unique names", []promise{
			{says: "lower case, readable, short enough for every kind of object, and all different", tests: []string{"internal/owner TestNamesAreUniqueAndFit", "internal/owner TestName", "TestName"}},
		}},
		{"I6", "built images stay for the next test", []promise{
			{says: "the name is one that no engine pulls", tests: []string{"TestBuildFails/image of another engine", "internal/conformance TestMatrix"}},
			{says: "the name has a hash of what went in, and an equal image is found again", tests: []string{"internal/image TestKey", "TestBuildKey", "TestBuildTwiceGivesOneImage"}},
			{says: "several processes build it once", tests: []string{"TestBuildOnce"}},
			{says: "old images are removed by the day of their last use; those in use and those of others never", tests: []string{"internal/leftovers TestImagesAreCollected", "internal/leftovers TestUseIsNoted", "internal/leftovers TestFoundWhileRemoved", "internal/leftovers TestTrim"}},
		}},
	}},
	{"Containers", []row{
		{"C1", "run from an image", []promise{
			{says: "each field does the same as the flag of docker run", tests: []string{"TestRunTypedAndRawGiveTheSame", "TestRunTypedAndRawKnowsAllFields"}},
			{says: "labels are set when the container is made; a run that is cut off leaves nothing", tests: []string{"TestRunCutOffLeavesNothing", "internal/owner TestReadWantsTheWholeTuple"}},
			{says: "mounts, memory file systems, volumes", tests: []string{"TestRunMounts"}},
			{says: "a health check is waited for", tests: []string{"TestRunAwaitsHealthcheck"}},
		}},
		{"C2", "wrap a container", []promise{
			{says: "by name or id; it stays after the test, unless the test owns it", tests: []string{"TestWrapContainer"}},
		}},
		{"C3", "foreground and background", []promise{
			{says: "Run returns when it is ready", tests: []string{"TestRun", "TestReadyIsNotWhatEndsSoon", "TestReadyPortsAreListenedOn"}},
			{says: "RunToEnd returns exit code and both streams, byte for byte; another code fails the test", tests: []string{"TestRunToEnd", "TestLogsAreWhole"}},
			{says: "a container that never ends, or keeps no log, is refused at once", tests: []string{"internal/container TestCheckEnds"}},
		}},
		{"C4", "any flag of docker run", []promise{
			{says: "flags are passed on unchanged", tests: []string{"TestRunTypedAndRawGiveTheSame"}},
			{says: "flags that would break ownership are refused by name, and no others", tests: []string{"TestRunMisuse", "TestRunFlagsAreReadAsDockerReadsThem"}},
		}},
		{"C5", "logs", []promise{
			{says: "both streams, apart, from the first byte to the last, byte for byte", tests: []string{"TestLogsAreWhole", "internal/engine TestReadLog"}},
			{says: "lines that are printed on shutdown and across restarts come once", tests: []string{"TestLogsOfThreeRestarts", "TestLogsAfterManyRestarts"}},
			{says: "the whole log of a container that has ended", tests: []string{"TestLogsOfTheEnded"}},
			{says: "the test names the files", tests: []string{"TestRunToEnd", "TestRunMisuse", "internal/artifact TestCreateAs"}},
			{says: "of a container whose driver keeps no log", not: "there is no log to read; for a project, json-file replaces the driver; for a container, the test says so (`TestLacksOfALog`)"},
		}},
		{"C6", "directories of the machine", []promise{
			{says: "absolute or relative to the test; a missing one is an error, and is not made", tests: []string{"TestRunMounts", "TestRunMisuse", "TestUpMissingMounts"}},
			{says: "none can be added after the start", not: "the type has no such function"},
		}},
		{"C7", "ports", []promise{
			{says: "free ones, on the loopback address of a local engine; looked up each time", tests: []string{"TestRun", "internal/container TestPortIsLookedUpEachTime"}},
			{says: "of UDP, too", tests: []string{"TestAddrOfUDP"}},
			{says: "a port that is not published, or of a container that has ended, is an error that says what there is", tests: []string{"TestPortOfWhatHasEnded", "internal/container TestLookUp"}},
			{says: "on networks without IPv4", tests: []string{"TestRunOnNetworksWithoutIPv4"}},
		}},
		{"C8", "who runs inside", []promise{
			{says: "the tester, if it can write to a directory of the machine; else the image's user", tests: []string{"TestRunUserWithWritableDirectory"}},
			{says: "also if a raw flag mounts the directory", tests: []string{"internal/container TestWritable"}},
			{says: "on engines that do not share the machine's users, the image's user", tests: []string{"internal/conformance TestMatrix"}},
			{says: "on Docker Desktop", not: "there is no Desktop here; rootless Docker and Podman stand for engines with other users"},
		}},
		{"C9", "commit", []promise{{says: "the container's file system becomes an image of the test, with the name that it is given", tests: []string{"TestCommit", "internal/leftovers TestCutOffCommitsAreCollected"}}}},
		{"C10", "stop, start, kill, pause, restart", []promise{
			{says: "of the same container; later questions are about its new life", tests: []string{"TestStopStartKillPause", "TestReadyEachLifeHasTimeToListen"}},
		}},
		{"C11", "exec, copy in, copy out", []promise{
			{says: "exit code and both streams", tests: []string{"TestExec", "TestExecFails"}},
			{says: "files and directories, both ways", tests: []string{"TestCopyThereAndBack", "TestCopyFails"}},
		}},
	}},
	{"Swarm", []row{
		{"S1", "run a service", []promise{
			{says: "replicated, global, jobs with their exit codes; further flags", tests: []string{"swarmtest TestServices/serve", "internal/swarm TestServiceSpec"}},
			{says: "a service that cannot converge fails as soon as that is known, with the task's own error", tests: []string{"swarmtest TestServices/wrong services", "internal/swarm/converge TestTracker", "internal/swarm TestNoTask"}},
			{says: "images reach all nodes", tests: []string{"swarmtest TestServices/images"}},
			{says: "over virtual IPs and the routing mesh", not: "this needs IPVS in the kernel, which the machines that run the tests do not have: what is tested is that the test says so (`TestServices/mesh`)"},
		}},
		{"S2", "wrap a service", []promise{{says: "it stays, unless the test owns it", tests: []string{"swarmtest TestServices/wrap"}}}},
		{"S3", "logs of services", []promise{{says: "two files for each task", tests: []string{"swarmtest TestServices/serve"}}}},
		{"S4", "secrets and configs", []promise{
			{says: "from a file or a text, byte for byte, under one name in the swarm and in the container", tests: []string{"swarmtest TestServices/scenario", "swarmtest TestServices/serve"}},
			{says: "secrets are in no artifact and no log; both are removed after what uses them", tests: []string{"swarmtest TestServices/scenario", "TestDockerHidesSecrets", "internal/artifact TestRedact"}},
		}},
		{"S5", "an engine without a swarm", []promise{
			{says: "one error, which says what to do", tests: []string{"internal/firstline TestCatalogue/a service on an engine that is not in a swarm", "internal/firstline TestCatalogue/a stack on an engine that is not in a swarm"}},
			{says: "no swarm is made of an engine that is not the test's", not: "there is no code to run: only package swarmtest makes swarms, of engines that it has started"},
		}},
	}},
	{"Compose projects and stacks", []row{
		{"T1", "other images", []promise{
			{says: "in the file, and in the Dockerfiles that it builds", tests: []string{"tailor TestCases/53_image_substitution", "tailor TestCases/56_dockerfile_substitution", "TestUpBuildsOnWhatItBuilds"}},
			{says: "in stacks", tests: []string{"tailor TestStackGolden/images", "swarmtest TestStacks/builds"}},
		}},
		{"T2", "host ports", []promise{
			{says: "freed, and looked up by their old numbers", tests: []string{"TestUpTwoCopies", "tailor TestCases/02_short_ports"}},
			{says: "a list of numbers asserts which ports the files fix", tests: []string{"tailor TestCases/21_ports_asserted"}},
			{says: "values that mention a port follow it", tests: []string{"tailor TestCases/13_self_advertised_port", "tailor TestGolden/ports-advertised"}},
			{says: "a port that somebody else takes in between", tests: []string{"TestUpStolenPort"}},
			{says: "numbers in mounted files, images and Dockerfiles", not: "nothing reads these; they stay as they are, without notice"},
		}},
		{"T3", "paths of the machine", []promise{
			{says: "another directory, or an empty volume, for a path", tests: []string{"tailor TestGolden/paths-given", "tailor TestCases/43_paths_elsewhere_settled"}},
			{says: "files of the checkout that containers write to are copied, with owners and modes", tests: []string{"TestUpCopiesDirectories", "tailor TestCases/41_written_directory"}},
			{says: "one path is one volume, whoever mounts it", tests: []string{"TestUpPartsOfEmptyVolumes", "tailor TestGolden/paths-one-volume"}},
		}},
		{"T4", "build contexts", []promise{
			{says: "another directory or Dockerfile, by the path in the file, however it is written", tests: []string{"tailor TestCases/57_build_substitution", "tailor TestCases/58_context_in_two_spellings"}},
			{says: "also for images that others build on, and for contexts that are not on this machine", tests: []string{"TestUpBuildsImages", "TestUpBuildsFromElsewhere"}},
		}},
		{"T5", "further files in a context", []promise{
			{says: "added to a copy of the context, also a Dockerfile", tests: []string{"tailor TestCases/58_additional_files", "TestUpBuildsAnAddedDockerfile", "TestUpSampleWithAnAddedDockerfile", "tailor TestCases/58_additional_files_twice"}},
			{says: "also a directory that the context expects beside it", tests: []string{"TestUpSampleBesideAnInstallation"}},
		}},
		{"T6", "any other text", []promise{
			{says: "replaced in a copy of the file, longest first, in one pass; each text must occur, and the result must load", tests: []string{"tailor TestCases/72_text_replaced", "tailor TestCases/72_text_unmatched", "tailor TestCases/72_text_breaks_the_file"}},
		}},
		{"T7", "up, stop, start, down", []promise{
			{says: "volumes survive stop and start", tests: []string{"TestStopAndStartOfProject"}},
			{says: "taken down before the end, with or without volumes, and started again", tests: []string{"TestUpAfterDown"}},
			{says: "at the end all of it is removed", tests: []string{"TestUpTwoCopies", "TestUpCutOffLeavesNothing"}},
			{says: "what an engine refuses is reported for the service, at its line in the file", tests: []string{"internal/compose TestRefusedService", "internal/setting TestIn", "internal/said TestUncreated"}},
			{says: "two copies share nothing", tests: []string{"TestUpCopiesStayApart", "TestUpTwoCopies", "tailor TestCommonSees"}},
		}},
		{"T8", "deploy a stack", []promise{
			{says: "it converges, or the test says why not", tests: []string{"swarmtest TestStacks/deploy", "swarmtest TestStacks/wrong stacks"}},
			{says: "several stacks meet on one network, apart from their copies", tests: []string{"swarmtest TestStacks/two stacks on one network"}},
			{says: "many copies, leased ports, locks", tests: []string{"swarmtest TestServices/many stacks", "swarmtest TestServices/leases", "swarmtest TestServices/locks"}},
			{says: "Remove returns when the stack is gone from every node, with its volumes", tests: []string{"swarmtest TestStacks/deploy", "swarmtest TestServices/killed"}},
		}},
		{"T9", "environment", []promise{
			{says: "no variable of the tester's shell reaches the file", tests: []string{"TestUpEnvironmentOfFiles", "tailor TestEnvironment", "tailor TestBaseEnv"}},
			{says: "a variable without a value is refused if an empty value breaks something, and otherwise reported", tests: []string{"tailor TestCases/62_unset_variables", "tailor TestCases/62_unset_variables_isolated", "tailor TestGolden/variables-vital", "tailor TestCases/44_blank_path"}},
			{says: "a variable that is passed through, but never set, is reported", tests: []string{"tailor TestGolden/folded"}},
			{says: "no .env for stacks", tests: []string{"tailor TestStackGolden/environment"}},
		}},
		{"T10", "what is running", []promise{
			{says: "containers, networks and volumes by their names in the file", tests: []string{"TestRunning", "swarmtest TestStacks/running"}},
			{says: "every replica and task, with its own ports", tests: []string{"TestScale", "swarmtest TestServices/serve"}},
		}},
	}},
	{"Whatever it is", []row{
		{"W1", "docker commands, and other programs", []promise{
			{says: "a clean environment, the right engine, standard input, a directory", tests: []string{"TestDockerGivesWhatIsAskedFor"}},
			{says: "exit codes, time limits, the last lines of the output, a name for messages, files of its own", tests: []string{"TestDockerFails", "TestDockerIsCutOff", "TestDocker"}},
			{says: "in the background", tests: []string{"TestStartDocker", "TestStartDockerEnds", "TestStartDockerEndsWithTheTest"}},
		}},
		{"W2", "the end of a test", []promise{
			{says: "everything that was made is removed: after success, failure, a panic, a deadline, a signal", tests: []string{"TestEndOfVerbs", "TestEndCutsOffVerbs", "internal/leftovers TestOtherDeaths", "internal/leftovers TestGoTestDies"}},
			{says: "also after kill -9, at any moment", tests: []string{"internal/leftovers TestKill", "internal/leftovers TestKilledWithItsWatchdog", "cmd/seatrial TestUpKilled", "swarmtest TestKillAnytime"}},
			{says: "without a watchdog something stays, so these tests can fail", tests: []string{"internal/leftovers TestWithoutWatchdogThereAreLeftovers"}},
			{says: "an anonymous volume that an engine makes while the test is killed", not: "it has a random name and no label, so nobody can tell whose it is"},
		}},
		{"W3", "nothing else is touched", []promise{
			{says: "only the whole set of labels counts", tests: []string{"internal/owner TestReadWantsTheWholeTuple", "internal/leftovers TestLookAlikesSurvive"}},
			{says: "objects in use, and environments, stay", tests: []string{"internal/owner TestJudge", "cmd/seatrial TestAllLeavesEnvironments", "cmd/seatrial TestNeighbours"}},
		}},
		{"W4", "without a test", []promise{
			{says: "TestMain, benchmarks and fuzz targets, which are run", tests: []string{"internal/leftovers TestMainOfAPackage"}},
			{says: "the command", tests: []string{"cmd/seatrial TestScripts", "cmd/seatrial TestEngineScripts"}},
		}},
		{"W5", "expecting failure", []promise{
			{says: "a typed cause for each verb; what was made belongs to the test", tests: []string{"TestTry", "TestTryTellsTheCause", "TestTryLeavesWhatWasMade"}},
			{says: "FailNow, Skip or a panic of the test itself, called inside, ends the test", tests: []string{"TestTryLetsTheTestEnd", "TestTryAndTheEnd"}},
		}},
		{"W6", "several at once", []promise{
			{says: "in parallel, with one failure, also after panics", tests: []string{"TestTogether", "TestTogetherFails", "TestTogetherPanics", "TestTryTogether"}},
		}},
	}},
	{"Beyond", []row{
		{"U1", "from one version to the next", []promise{
			{says: "what was recreated, what stayed, and its data", tests: []string{"TestUpdate", "TestUpdateSampleKeepsItsData", "swarmtest TestStacks/two stacks on one network", "TestUpdateRenumbersPorts", "TestUpdateTellsWhatKeptContainersLose"}},
			{says: "a volume that cannot be changed fails the update; changed contents of secrets and configs are noticed", tests: []string{"TestUpdateTellsWhatComposeSays", "TestUpdateOfContents"}},
			{says: "updates of a stack: paused, rolled back, scaled", tests: []string{"swarmtest TestStacks/updates", "internal/engine TestRollbackOfNothing"}},
			{says: "an update, a roll back and a change of scale whose next task no node takes fail as soon as that is known", tests: []string{"swarmtest TestStacks/changes that no node takes", "internal/swarm/converge TestTracker"}},
			{says: "replicas", tests: []string{"TestScale"}},
		}},
		{"U2", "shared environments", []promise{
			{says: "one for many packages; if it fails, all of them fail with the reason, each at its own line", tests: []string{"internal/leftovers TestSharedByPackages", "internal/leftovers TestShare", "TestLines"}},
			{says: "its key is what it is made of; it ends with its last user or when its time is up", tests: []string{"internal/environment TestSharedKey", "internal/owner TestJudgeOfRecords"}},
		}},
		{"U3", "reach what is not published", []promise{
			{says: "ports of a project, of a stack, and of other protocols", tests: []string{"TestUpPublishes", "swarmtest TestServices/publish", "tailor TestPublishOther"}},
			{says: "the test, from its containers", tests: []string{"TestUpReach", "TestRunReach", "internal/relay TestRelay", "internal/engine TestWayBack"}},
		}},
		{"U4", "what an engine lacks", []promise{
			{says: "the test is skipped, or fails with SEATRIAL_REQUIRE=1, and lists everything that is missing", tests: []string{"swarmtest TestEngine", "swarmtest TestNeedsEngines", "swarmtest TestSkipIsSeen"}},
		}},
	}},
	{"Together", []row{
		{"X1", "a sample's image, a secret, a service that reads it", []promise{
			{says: "by an argument and by substitution; the sample's directory is unchanged, the secret in no artifact, nothing left", tests: []string{"swarmtest TestServices/scenario"}},
		}},
	}},
}
