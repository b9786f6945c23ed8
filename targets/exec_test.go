package targets_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

func TestExecEnv(t *testing.T) {
	upstreams := []harness.Upstream{
		{Name: "eu-1", Protocol: "openai-chat", URL: "http://h:1", BaseURL: "http://h:1/v1", Key: "sk-1", Model: "m1"},
		{
			Name: "us", Protocol: "openai-responses", URL: "http://h:2", BaseURL: "http://h:2/v1", Key: "sk-2",
			Model: "m2",
		},
		{
			Name: "other", Protocol: "anthropic-messages", URL: "http://h:3", BaseURL: "http://h:3", Key: "sk-3",
			Model: "m3",
		},
	}
	want := []string{
		"EU_1_URL=http://h:1", "EU_1_BASE_URL=http://h:1/v1", "EU_1_API_KEY=sk-1", "EU_1_MODEL=m1",
		"US_URL=http://h:2", "US_BASE_URL=http://h:2/v1", "US_API_KEY=sk-2", "US_MODEL=m2",
		"OTHER_URL=http://h:3", "OTHER_BASE_URL=http://h:3", "OTHER_API_KEY=sk-3", "OTHER_MODEL=m3",
		"OPENAI_BASE_URL=http://h:1/v1", "OPENAI_API_KEY=sk-1", "ANTHROPIC_BASE_URL=http://h:3",
		"ANTHROPIC_API_KEY=sk-3",
		`CHAOSRUN_UPSTREAMS=[{"name":"eu-1","protocol":"openai-chat","url":"http://h:1","base_url":"http://h:1/v1","key":"sk-1","model":"m1"},` +
			`{"name":"us","protocol":"openai-responses","url":"http://h:2","base_url":"http://h:2/v1","key":"sk-2","model":"m2"},` +
			`{"name":"other","protocol":"anthropic-messages","url":"http://h:3","base_url":"http://h:3","key":"sk-3","model":"m3"}]`,
	}
	for _, tt := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"no proxy", []string{"PATH=/bin"}, want},
		{"an empty proxy", []string{"http_proxy="}, want},
		{
			"a proxy",
			[]string{"https_proxy=http://p", "no_proxy=a.test"},
			append([]string{"NO_PROXY=127.0.0.1,localhost", "no_proxy=a.test,127.0.0.1,localhost"}, want...),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := targets.Exec{Environ: tt.environ}
			got := e.Env(upstreams)
			slices.Sort(got)
			sorted := slices.Sorted(slices.Values(tt.want))
			if !slices.Equal(got, sorted) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(sorted, "\n"))
			}
		})
	}
}

func TestExecWithoutACommand(t *testing.T) {
	healthy, err := scenarios.Find("healthy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&targets.Exec{}).Run(t.Context(), healthy); !errors.Is(err, targets.ErrNoCommand) {
		t.Errorf("got %v", err)
	}
	_, err = (&targets.Exec{Command: []string{"no-such-command"}}).Run(t.Context(), healthy)
	var at *targets.CommandError
	if !errors.As(err, &at) || !errors.Is(err, exec.ErrNotFound) ||
		err.Error() != "no-such-command: no such command in the PATH" {
		t.Errorf("got %v", err)
	}
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"python", "a.py"}, "python a.py"},
		{[]string{"sh", "-c", "it's a"}, `sh -c 'it'\''s a'`},
		{[]string{"a", ""}, "a ''"},
		{[]string{"a", "--api-key", "hidden", "b"}, "a --api-key … b"},
		{[]string{"a", "--api-key=hidden", "-token", "hidden"}, "a --api-key=… -token …"},
		{[]string{"env", "OPENAI_API_KEY=hidden", "a"}, "env OPENAI_API_KEY=… a"},
		{[]string{"a", "sk-hidden"}, "a …"},
		{[]string{"a", "--max-tokens=5"}, "a --max-tokens=…"},
	} {
		if got := targets.CommandLine(tt.words); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.words, got, tt.want)
		}
	}
}
