package scenarios_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/scenarios"
)

func TestLoadOnRequest(t *testing.T) {
	beats := fault.HeartbeatOnly{Every: 5 * time.Second}
	limited := fault.RateLimited{RetryAfter: "3"}
	script := fakeprovider.Script{
		fakeprovider.Wait{For: time.Second}, fakeprovider.Text{Value: "hi"}, fakeprovider.Finish{Reason: "stop"},
	}
	tests := map[string][]fakeprovider.Fault{
		"heartbeat-only: {every: 5s}":                                        {beats},
		`{"heartbeat-only": {"every": "5s"}}`:                                {beats},
		"- rate-limited: {retry_after: 3}\n- heartbeat-only: {every: 5s}\n":  {limited, beats},
		`[{"rate-limited": {"retry_after": "3"}}]`:                           {limited},
		"script:\n  - wait: 1s\n  - text: hi\n  - finish: stop\n":            {script},
		`[{"script": [{"wait": "1s"}, {"text": "hi"}, {"finish": "stop"}]}]`: {script},
	}
	for text, want := range tests {
		got, err := scenarios.LoadOnRequest("x.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestLoadOnRequestSaysWhatIsWrong(t *testing.T) {
	tests := map[string]string{
		"":               "x.yaml:1:1: there is nothing here",
		"[]":             "x.yaml:1:1: the list is empty",
		"heartbeat-olny": `did you mean "heartbeat-only"?`,
		"- healthy\n- heartbeat-only: {evry: 5s}": `x.yaml:2:20: unknown key "evry" (did you mean "every"?)`,
		"wait: 3s":                  `"wait" is a step`,
		"script: [eof, {text: hi}]": "x.yaml:1:16: this step is never played",
		"{":                         "x.yaml:1:1",
	}
	for text, want := range tests {
		if _, err := scenarios.LoadOnRequest("x.yaml", []byte(text)); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestParseFault(t *testing.T) {
	healthy := func(text string) fakeprovider.Healthy {
		h := fakeprovider.Healthy{TTFT: 400 * time.Millisecond, ITL: 20 * time.Millisecond}
		h.Text = text
		return h
	}
	tests := map[string]fakeprovider.Fault{
		"heartbeat-only":              fault.HeartbeatOnly{Every: 10 * time.Second},
		"heartbeat-only,every=5s":     fault.HeartbeatOnly{Every: 5 * time.Second},
		"rate-limited,retry_after=3":  fault.RateLimited{RetryAfter: "3"},
		"healthy,text=one, two: {3}":  healthy("one, two: {3}"),
		`healthy,text="quoted" # \n`:  healthy(`"quoted" # \n`),
		"healthy,text=,":              healthy(","),
		"healthy,text=a,b,ttft=400ms": healthy("a,b"),
		"healthy,text=null":           healthy("null"),
		"healthy,text=- x":            healthy("- x"),
	}
	for text, want := range tests {
		got, err := scenarios.ParseFault(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseFaultSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		text, want string
		unknown    bool
	}{
		{"heartbeat-olny", `no such fault: "heartbeat-olny" (did you mean "heartbeat-only"?)`, true},
		{"xyzzy", "see: chaosrun list faults", true},
		{"", "see: chaosrun list faults", true},
		{"script", "see: chaosrun list faults", true},
		{"heartbeat-only,evry=5s", `unknown key "evry" (did you mean "every"?)`, false},
		{"heartbeat-only,every=5", `write "5s"`, false},
		{"heartbeat-only,every=-5s", "want 0 or more", false},
		{"heartbeat-only,5s", `"5s" is no parameter`, false},
		{"heartbeat-only,every=1s,every=2s", "every", false},
	}
	for _, tt := range tests {
		_, err := scenarios.ParseFault(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %q in one line", tt.text, err, tt.want)
		}
		if errors.Is(err, scenarios.ErrNoSuchFault) != tt.unknown {
			t.Errorf("%q: is ErrNoSuchFault: %t", tt.text, !tt.unknown)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("healthy,text=one, two")
	f.Add("heartbeat-only,every=5s")
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := scenarios.ParseFault(text)
		if (fault == nil) == (err == nil) {
			t.Errorf("%q: got %v and %v", text, fault, err)
		}
	})
}
