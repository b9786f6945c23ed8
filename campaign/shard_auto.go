package campaign

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A parallelism is how a system that runs one job several times tells each its number.
type parallelism struct {
	system       string
	index, total string // names of variables
	first        int    // the number of the first job
}

// parallelisms returns the systems that [AutoShard] knows, with the pages that name their
// variables.
func parallelisms() []parallelism {
	return []parallelism{
		// https://docs.gitlab.com/ci/variables/predefined_variables/
		{system: "GitLab", index: "CI_NODE_INDEX", total: "CI_NODE_TOTAL", first: 1},
		// https://buildkite.com/docs/pipelines/configure/environment-variables
		{system: "Buildkite", index: "BUILDKITE_PARALLEL_JOB", total: "BUILDKITE_PARALLEL_JOB_COUNT"},
		// https://circleci.com/docs/reference/variables/
		{system: "CircleCI", index: "CIRCLE_NODE_INDEX", total: "CIRCLE_NODE_TOTAL"},
		// https://bazel.build/reference/test-encyclopedia#initial-conditions
		{system: "Bazel", index: "TEST_SHARD_INDEX", total: "TEST_TOTAL_SHARDS"},
		// https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode.
		// Kubernetes sets no total: the manifest does.
		{system: "a Kubernetes Indexed Job", index: "JOB_COMPLETION_INDEX", total: "JOB_COMPLETIONS"},
	}
}

// bazelStatus names the file that a test which knows shards has to touch for Bazel.
const bazelStatus = "TEST_SHARD_STATUS_FILE"

// AutoShard returns the shard of this job by the variables of GitLab, Buildkite, CircleCI, Bazel or
// a Kubernetes Indexed Job, and the system's name. Kubernetes does not tell how many there are: set
// JOB_COMPLETIONS in the manifest. The error says which variable is missing or wrong.
func AutoShard(getenv func(string) string) (s Shard, system string, err error) {
	var known []string
	for _, p := range parallelisms() {
		known = append(known, p.index)
		index, total := getenv(p.index), getenv(p.total)
		if index == "" || total == "" && p.system != "a Kubernetes Indexed Job" {
			continue // CI_NODE_TOTAL alone is set in every job of GitLab
		}
		i, err1 := strconv.Atoi(index)
		n, err2 := strconv.Atoi(total)
		s = Shard{Index: i - p.first + 1, Of: n}
		if err1 != nil || err2 != nil || n < 1 || !s.valid() {
			return Shard{}, p.system,
				usage("shard", "{option} auto: %s has %s=%q and %s=%q, which is no part of a whole", p.system, p.index,
					index, p.total, total)
		}
		if file := getenv(bazelStatus); file != "" && p.system == "Bazel" {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				return Shard{}, p.system, fmt.Errorf("%s: %w", bazelStatus, err)
			}
		}
		return s, p.system, nil
	}
	return Shard{}, "",
		usage("shard", "{option} auto: none of %s is set: write I/N, as in {option} 2/4", strings.Join(known, ", "))
}
