package scenarios_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
)

// What a script sends until the deadline has a bound, which the file must keep.
func TestEndlessScripts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ entry, want string }{
		{
			"script: [{repeat: {every: 1ns, steps: [heartbeat]}}]",
			"x.yaml:4:28: this sends and waits 1.44e+13 times until the deadline of 2h0m0s",
		},
		{"script: [{repeat: {every: 1s, steps: [heartbeat]}}]", ""},
		{"script: [{repeat: {every: 14ms, steps: [heartbeat]}}]", "x.yaml:4:28: this sends and waits 1.03e+06 times"},
		{"script: [{repeat: {every: 15ms, steps: [heartbeat]}}]", ""},
		{"script: [{wait: 1h59m}, {repeat: {every: 1ms, steps: [heartbeat]}}]", ""},
		{"script: [{wait: 1h}, {repeat: {every: 1ms, steps: [heartbeat]}}]", "x.yaml:4:40: this sends"},
		{
			"script: [{repeat: {every: 1h, steps: [{repeat: {times: 10000000, steps: [heartbeat]}}]}}]",
			"x.yaml:4:28: this sends",
		},
		{
			"script: [{repeat: {times: 1000000000000, steps: [heartbeat]}}, {finish: stop}]",
			"x.yaml:4:28: this sends and waits 2e+12 times",
		},
		{"script: [{text: {tokens: 2000000000}}, {finish: stop}]", "x.yaml:4:28: this sends and waits 4e+09 times"},
		{"script: [{text: {tokens: 2000000000, itl: 1s}}, {finish: stop}]", ""},
		{"script: [{thinking: {value: hm, tokens: 2000000000, itl: 1us}}, {finish: stop}]", "x.yaml:4:28: this sends"},
		{"heartbeat-only: {every: 1us}", "x.yaml:4:18: this sends"},
		{"slow-trickle: {every: 1us}", "x.yaml:4:18: this sends"},
		{"script: [{text: hi}, {finish: stop}]", ""},
	} {
		_, err := scenarios.Load("x.yaml",
			[]byte("scenario: x\nproviders:\n  - name: primary\n    on_request: ["+tt.entry+"]\nexpect: [no_leaks]\n"))
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.entry, err, tt.want)
		}
	}
}
