package campaign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
)

func TestAutoShard(t *testing.T) {
	status := filepath.Join(t.TempDir(), "status")
	for _, tt := range []struct {
		name string
		env  map[string]string
		want campaign.Shard
		says string
	}{
		{
			"GitLab counts from 1",
			map[string]string{"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "4"},
			campaign.Shard{Index: 1, Of: 4},
			"",
		},
		{
			"GitLab's last",
			map[string]string{"CI_NODE_INDEX": "4", "CI_NODE_TOTAL": "4"},
			campaign.Shard{Index: 4, Of: 4},
			"",
		},
		{"GitLab without parallel", map[string]string{"CI_NODE_TOTAL": "1"}, campaign.Shard{}, "none of CI_NODE_INDEX"},
		{
			"Buildkite counts from 0",
			map[string]string{"BUILDKITE_PARALLEL_JOB": "0", "BUILDKITE_PARALLEL_JOB_COUNT": "3"},
			campaign.Shard{Index: 1, Of: 3},
			"",
		},
		{
			"CircleCI counts from 0",
			map[string]string{"CIRCLE_NODE_INDEX": "2", "CIRCLE_NODE_TOTAL": "3"},
			campaign.Shard{Index: 3, Of: 3},
			"",
		},
		{
			"Bazel",
			map[string]string{"TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "2", "TEST_SHARD_STATUS_FILE": status},
			campaign.Shard{Index: 1, Of: 2},
			"",
		},
		{
			"Kubernetes",
			map[string]string{"JOB_COMPLETION_INDEX": "5", "JOB_COMPLETIONS": "6"},
			campaign.Shard{Index: 6, Of: 6},
			"",
		},
		{
			"Kubernetes without a total",
			map[string]string{"JOB_COMPLETION_INDEX": "5"},
			campaign.Shard{},
			`JOB_COMPLETIONS=""`,
		},
		{
			"one too many",
			map[string]string{"CIRCLE_NODE_INDEX": "3", "CIRCLE_NODE_TOTAL": "3"},
			campaign.Shard{},
			"no part of a whole",
		},
		{
			"GitLab's zeroth",
			map[string]string{"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "3"},
			campaign.Shard{},
			"no part of a whole",
		},
		{
			"no number",
			map[string]string{"CI_NODE_INDEX": "one", "CI_NODE_TOTAL": "3"},
			campaign.Shard{},
			`CI_NODE_INDEX="one"`,
		},
		{"nowhere", nil, campaign.Shard{}, "write I/N"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := campaign.AutoShard(func(name string) string { return tt.env[name] })
			if got != tt.want || (err == nil) != (tt.says == "") ||
				err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %+v, %v, want %+v, %q", got, err, tt.want, tt.says)
			}
		})
	}
	if _, err := os.Stat(status); err != nil {
		t.Errorf("Bazel is not told that the test knows shards: %v", err)
	}
}
