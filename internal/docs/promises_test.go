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
			{says: "a wrong word is named in the first line", tests: []string{"TestBuildFails", "internal/firstline TestCatalogue"}},
			{says: "it ends in time", tests: []string{"internal/session TestLimitSaysWhoSetIt", "internal/timelimit TestGiven"}},
		}},
		{"I2", "build on another image", []promise{
			{says: "every form in which a Dockerfile names what it builds on, by every verb", tests: []string{"internal/image TestBasesByAllVerbs", "internal/dockerfile TestBases", "internal/dockerfile TestSubstitute"}},
			{says: "whole references in full form; names of stages are no images", tests: []string{"internal/dockerfile TestBases", "tailor TestCases/53_image_substitution"}},
			{says: "a key that matches nothing is an error that lists what is named", tests: []string{"TestBuildFails/image that it does not name", "tailor TestCases/53_image_unmatched"}},
			{says: "the Dockerfile stays as it is shipped", tests: []string{"swarmtest TestServices/scenario"}},
			{says: "what a frontend of others builds on", not: "only that frontend knows; it is refused by name (`TestFrontendsByBuild`)"},
		}},
		{"I3", "wrap an image", []promise{
			{says: "pulled if missing, always, or never; once for several tests", tests: []string{"TestWrapImage"}},
			{says: "not deleted, unless the test owns it; a missing one is an error at once", tests: []string{"TestWrapImage"}},
		}},
		{"I4", "a name for an image that others build", []promise{
			{says: "it is the test's, whoever builds it, and may never come", tests: []string{"TestBlankImage"}},
		}},
		{"I5", "unique names", []promise{
			{says: "lower case, readable, short enough for every kind, and no two alike", tests: []string{"internal/owner TestNamesAreUniqueAndFit", "internal/owner TestName", "TestName"}},
		}},
		{"I6", "built images stay for the next test", []promise{
			{says: "the name says what went in, and the same is found again", tests: []string{"internal/image TestKey", "TestBuildKey", "TestBuildTwiceGivesOneImage"}},
			{says: "several processes build it once", tests: []string{"TestBuildOnce"}},
			{says: "the old ones go by the day of their last use, those in use and those of others never", tests: []string{"internal/leftovers TestImagesAreCollected", "internal/leftovers TestUseIsNoted", "internal/leftovers TestFoundWhileRemoved", "internal/leftovers TestTrim"}},
		}},
	}},
	{"Containers", []row{
		{"C1", "run from an image", []promise{
			{says: "each field, and the same by flags of docker run, is the same to the engine", tests: []string{"TestRunTypedAndRawGiveTheSame", "TestRunTypedAndRawKnowsAllFields"}},
			{says: "labelled as it is made; cut off, it leaves nothing", tests: []string{"TestRunCutOffLeavesNothing", "internal/owner TestReadWantsTheWholeTuple"}},
			{says: "mounts, memory file systems, volumes", tests: []string{"TestRunMounts"}},
			{says: "a health check is waited for", tests: []string{"TestRunAwaitsHealthcheck"}},
		}},
		{"C2", "wrap a container", []promise{
			{says: "by name or id; it stays after the test, unless the test owns it", tests: []string{"TestWrapContainer"}},
		}},
		{"C3", "foreground and background", []promise{
			{says: "Run returns when it is ready", tests: []string{"TestRun", "TestReadyIsNotWhatEndsSoon", "TestReadyPortsAreListenedOn"}},
			{says: "RunToEnd returns exit code and both streams, byte for byte; another code fails the test", tests: []string{"TestRunToEnd", "TestLogsAreWhole"}},
			{says: "what never ends, or keeps no log, is refused at once", tests: []string{"internal/container TestCheckEnds"}},
		}},
		{"C4", "any flag of docker run", []promise{
			{says: "handed on as it is", tests: []string{"TestRunTypedAndRawGiveTheSame"}},
			{says: "what would break ownership is refused by name, and no more than that", tests: []string{"TestRunMisuse", "TestRunFlagsAreReadAsDockerReadsThem"}},
		}},
		{"C5", "logs", []promise{
			{says: "both streams, apart, from the first byte to the last, byte for byte", tests: []string{"TestLogsAreWhole", "internal/engine TestReadLog"}},
			{says: "what is said on shutdown, and across restarts, once", tests: []string{"TestLogsOfThreeRestarts", "TestLogsAfterManyRestarts"}},
			{says: "of what has ended, all of it", tests: []string{"TestLogsOfTheEnded"}},
			{says: "the test names the files", tests: []string{"TestRunMisuse", "internal/artifact TestCreateAs"}},
			{says: "of a container whose driver keeps no log", not: "there is none to read; a project's file has json-file instead, a container is told (`TestLacksOfALog`)"},
		}},
		{"C6", "directories of the machine", []promise{
			{says: "absolute or relative to the test; a missing one is an error, and is not made", tests: []string{"TestRunMounts", "TestRunMisuse", "TestUpMissingMounts"}},
			{says: "none can be added after the start", not: "the type has no such function"},
		}},
		{"C7", "ports", []promise{
			{says: "free ones, on the loopback address of a local engine; looked up each time", tests: []string{"TestRun", "TestStopStartKillPause"}},
			{says: "of UDP, too", tests: []string{"TestAddrOfUDP"}},
			{says: "one that is not published, or of what has ended, is an error that says what there is", tests: []string{"TestPortOfWhatHasEnded", "internal/container TestLookUp"}},
			{says: "on networks without IPv4", tests: []string{"TestRunOnNetworksWithoutIPv4"}},
		}},
		{"C8", "who runs inside", []promise{
			{says: "with a directory that can be written to, the tester; else the image's user", tests: []string{"TestRunUserWithWritableDirectory"}},
			{says: "also if a raw flag mounts it", tests: []string{"internal/container TestWritable"}},
			{says: "on engines that do not share the machine's users the image's own", tests: []string{"internal/conformance TestMatrix"}},
			{says: "on Docker Desktop", not: "there is no Desktop here; rootless Docker and Podman stand for engines with other users"},
		}},
		{"C9", "commit", []promise{{says: "what it has written is an image of the test, of the name that it is given", tests: []string{"TestCommit", "internal/leftovers TestCutOffCommitsAreCollected"}}}},
		{"C10", "stop, start, kill, pause, restart", []promise{
			{says: "of the same container; what is asked afterwards is asked of its new life", tests: []string{"TestStopStartKillPause", "TestReadyEachLifeHasTimeToListen"}},
		}},
		{"C11", "exec, copy in, copy out", []promise{
			{says: "exit code and both streams", tests: []string{"TestExec", "TestExecFails"}},
			{says: "files and directories, both ways", tests: []string{"TestCopyThereAndBack", "TestCopyFails"}},
		}},
	}},
	{"Swarm", []row{
		{"S1", "run a service", []promise{
			{says: "replicated, global, jobs with their exit codes; further flags", tests: []string{"swarmtest TestServices/serve", "internal/swarm TestServiceSpec"}},
			{says: "what cannot converge is said as soon as that is known, with the task's own error", tests: []string{"swarmtest TestServices/wrong services", "internal/swarm/converge TestTracker", "internal/swarm TestNoTask"}},
			{says: "images reach all nodes", tests: []string{"swarmtest TestServices/images"}},
			{says: "over virtual IPs and the routing mesh", not: "this takes IPVS in the kernel, which the machines that run the tests do not have: that its lack is said is tested (`TestServices/mesh`)"},
		}},
		{"S2", "wrap a service", []promise{{says: "it stays, unless the test owns it", tests: []string{"swarmtest TestServices/wrap"}}}},
		{"S3", "logs of services", []promise{{says: "two files for each task", tests: []string{"swarmtest TestServices/serve"}}}},
		{"S4", "secrets and configs", []promise{
			{says: "of a file or a text, byte for byte, under one name in the swarm and in the container", tests: []string{"swarmtest TestServices/scenario", "swarmtest TestServices/serve"}},
			{says: "in no artifact and no log; removed after what uses them", tests: []string{"swarmtest TestServices/scenario", "TestDockerHidesSecrets", "internal/artifact TestRedact"}},
		}},
		{"S5", "an engine without a swarm", []promise{
			{says: "one error, with the ways out", tests: []string{"internal/firstline TestCatalogue/a service on an engine that is not in a swarm", "internal/firstline TestCatalogue/a stack on an engine that is not in a swarm"}},
			{says: "no swarm is made of an engine that is not the test's", not: "nothing that is not there can be run: only package swarmtest makes swarms, of engines that it has started"},
		}},
	}},
	{"Compose projects and stacks", []row{
		{"T1", "other images", []promise{
			{says: "in the file, and in what it builds", tests: []string{"tailor TestCases/53_image_substitution", "tailor TestCases/56_dockerfile_substitution", "TestUpBuildsOnWhatItBuilds"}},
			{says: "in stacks", tests: []string{"tailor TestStackGolden/images", "swarmtest TestStacks/builds"}},
		}},
		{"T2", "host ports", []promise{
			{says: "given up, and looked up by their old number", tests: []string{"TestUpTwoCopies", "tailor TestCases/02_short_ports"}},
			{says: "a list of numbers says which there are to be", tests: []string{"tailor TestCases/21_ports_asserted"}},
			{says: "what mentions its own number follows it", tests: []string{"tailor TestCases/13_self_advertised_port", "tailor TestGolden/ports-advertised"}},
			{says: "one that somebody else takes in between", tests: []string{"TestUpStolenPort"}},
			{says: "numbers in mounted files, images and Dockerfiles", not: "nothing reads these; they stay as they are, and nothing can tell"},
		}},
		{"T3", "paths of the machine", []promise{
			{says: "another directory, or an empty volume, for a path", tests: []string{"tailor TestGolden/paths-given", "tailor TestCases/43_paths_elsewhere_settled"}},
			{says: "what is written to in the checkout is copied, with owners and modes", tests: []string{"TestUpCopiesDirectories", "tailor TestCases/41_written_directory"}},
			{says: "one path is one volume, whoever mounts it", tests: []string{"TestUpPartsOfEmptyVolumes", "tailor TestGolden/paths-one-volume"}},
		}},
		{"T4", "build contexts", []promise{
			{says: "another directory or Dockerfile, by the path in the file, however it is written", tests: []string{"tailor TestCases/57_build_substitution", "tailor TestCases/58_context_in_two_spellings"}},
			{says: "also of what others build on, and elsewhere than on this machine", tests: []string{"TestUpBuildsImages", "TestUpBuildsFromElsewhere"}},
		}},
		{"T5", "further files in a context", []promise{
			{says: "in a copy of it, also a Dockerfile", tests: []string{"tailor TestCases/58_additional_files", "TestUpBuildsAnAddedDockerfile", "tailor TestCases/58_additional_files_twice"}},
		}},
		{"T6", "any other text", []promise{
			{says: "in a copy of the file, longest first in one pass; each must be there, and the result must load", tests: []string{"tailor TestCases/72_text_replaced", "tailor TestCases/72_text_unmatched", "tailor TestCases/72_text_breaks_the_file"}},
		}},
		{"T7", "up, stop, start, down", []promise{
			{says: "volumes survive stop and start", tests: []string{"TestStopAndStartOfProject"}},
			{says: "down before the end, with or without volumes, and up again", tests: []string{"TestUpAfterDown"}},
			{says: "at the end all of it goes", tests: []string{"TestUpTwoCopies", "TestUpCutOffLeavesNothing"}},
			{says: "what an engine refuses is said of the service, at its line", tests: []string{"internal/compose TestRefusedService", "internal/said TestUncreated"}},
			{says: "two copies meet nowhere", tests: []string{"TestUpCopiesStayApart", "TestUpTwoCopies", "tailor TestCommonSees"}},
		}},
		{"T8", "deploy a stack", []promise{
			{says: "converged, or why not", tests: []string{"swarmtest TestStacks/deploy", "swarmtest TestStacks/wrong stacks"}},
			{says: "many copies, leased ports, locks", tests: []string{"swarmtest TestServices/many stacks", "swarmtest TestServices/leases", "swarmtest TestServices/locks"}},
			{says: "removed when it is gone from every node, with its volumes", tests: []string{"swarmtest TestStacks/deploy", "swarmtest TestServices/killed"}},
		}},
		{"T9", "environment", []promise{
			{says: "nothing of the tester's shell reaches the file", tests: []string{"TestUpEnvironmentOfFiles", "tailor TestEnvironment", "tailor TestBaseEnv"}},
			{says: "a variable without a value is refused where a blank breaks something, else told", tests: []string{"tailor TestCases/62_unset_variables", "tailor TestGolden/variables-vital", "tailor TestCases/44_blank_path"}},
			{says: "a name that is passed through and given by nobody is told", tests: []string{"tailor TestCases/62_unset_variables"}},
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
			{says: "exit codes, time limits, the last lines of what it said, files of their own", tests: []string{"TestDockerFails", "TestDockerIsCutOff", "TestDocker"}},
			{says: "in the background", tests: []string{"TestStartDocker", "TestStartDockerEnds", "TestStartDockerEndsWithTheTest"}},
		}},
		{"W2", "the end of a test", []promise{
			{says: "all that was made goes: after success, failure, a panic, a deadline, a signal", tests: []string{"TestEndOfVerbs", "TestEndCutsOffVerbs", "internal/leftovers TestOtherDeaths", "internal/leftovers TestGoTestDies"}},
			{says: "also after kill -9, at any moment", tests: []string{"internal/leftovers TestKill", "internal/leftovers TestKilledWithItsWatchdog", "cmd/seatrial TestUpKilled", "swarmtest TestKillAnytime"}},
			{says: "without a watchdog something would be left, and is found", tests: []string{"internal/leftovers TestWithoutWatchdogThereAreLeftovers"}},
			{says: "an anonymous volume that an engine makes while the test is killed", not: "its name says nothing, and it has no label, so that nobody can tell whose it is"},
		}},
		{"W3", "nothing else is touched", []promise{
			{says: "only the whole set of labels counts", tests: []string{"internal/owner TestReadWantsTheWholeTuple", "internal/leftovers TestLookAlikesSurvive"}},
			{says: "what is in use, or an environment, stays", tests: []string{"internal/owner TestJudge", "cmd/seatrial TestAllLeavesEnvironments", "cmd/seatrial TestNeighbours"}},
		}},
		{"W4", "without a test", []promise{
			{says: "TestMain, benchmarks and fuzz targets, which are run", tests: []string{"internal/leftovers TestMainOfAPackage"}},
			{says: "the command", tests: []string{"cmd/seatrial TestScripts", "cmd/seatrial TestEngineScripts"}},
		}},
		{"W5", "expecting failure", []promise{
			{says: "a typed cause for each verb, and what was made stays the test's", tests: []string{"TestTry", "TestTryTellsTheCause", "TestTryLeavesWhatWasMade"}},
			{says: "whoever ends the test inside ends it", tests: []string{"TestTryLetsTheTestEnd", "TestTryAndTheEnd"}},
		}},
		{"W6", "several at once", []promise{
			{says: "in parallel, one failure, also panics", tests: []string{"TestTogether", "TestTogetherFails", "TestTogetherPanics", "TestTryTogether"}},
		}},
	}},
	{"Beyond", []row{
		{"U1", "from one version to the next", []promise{
			{says: "what was made anew, what stayed, and its data", tests: []string{"TestUpdate", "TestUpdateRenumbersPorts", "TestUpdateTellsWhatKeptContainersLose"}},
			{says: "what cannot become what the next files say fails", tests: []string{"TestUpdateTellsWhatComposeSays", "TestUpdateOfContents"}},
			{says: "of a stack: paused, rolled back, scaled", tests: []string{"swarmtest TestStacks/updates", "internal/engine TestRollbackOfNothing"}},
			{says: "replicas", tests: []string{"TestScale"}},
		}},
		{"U2", "shared environments", []promise{
			{says: "one for many packages, and told to all if it fails, with the user's own line", tests: []string{"internal/leftovers TestSharedByPackages", "internal/leftovers TestShare"}},
			{says: "what it is made of is its key; its last user or its time ends it", tests: []string{"internal/environment TestSharedKey", "internal/owner TestJudgeOfRecords"}},
		}},
		{"U3", "reach what is not published", []promise{
			{says: "of a project, of a stack, and of the other protocols", tests: []string{"TestUpPublishes", "swarmtest TestServices/publish", "tailor TestPublishOther"}},
			{says: "and the test, from the containers", tests: []string{"TestUpReach", "TestRunReach", "internal/conformance TestRelay"}},
		}},
		{"U4", "what an engine lacks", []promise{
			{says: "the test is skipped, or fails under SEATRIAL_REQUIRE=1, with all that is lacking", tests: []string{"swarmtest TestEngine", "swarmtest TestNeedsEngines", "swarmtest TestSkipIsSeen"}},
		}},
	}},
	{"Together", []row{
		{"X1", "a sample's image, a secret, a service that reads it", []promise{
			{says: "by an argument and by substitution; the sample's directory as it was, the secret in no artifact, nothing left", tests: []string{"swarmtest TestServices/scenario"}},
		}},
	}},
}
