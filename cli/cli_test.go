package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// engine asks the providers in turn, without streaming.
type engine struct{ lab harness.Lab }

// Call asks each provider of the chain that speaks openai-chat.
func (e engine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	var last error
	for _, u := range e.lab.Upstreams() {
		if u.Protocol != "openai-chat" {
			continue
		}
		text, err := e.ask(ctx, u, req.Prompt)
		if err == nil {
			emit(harness.Text(text))
			return nil
		}
		last = err
	}
	return last
}

func (e engine) ask(ctx context.Context, u harness.Upstream, prompt string) (string, error) {
	body := fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]}`, u.Model, prompt)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+u.Key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := u.HTTPClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", u.Name, resp.Status)
	}
	var answer struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Choices) == 0 {
		return "", fmt.Errorf("%s: no answer: %w", u.Name, err)
	}
	return answer.Choices[0].Message.Content, nil
}

// own returns the options of a program with its own engine.
func own() cli.Options {
	return cli.Options{Program: "mychaos", Outside: targets.Shipped(), Targets: campaign.Targets{{
		Name: "mine", Title: "Our engine", Factory: newTarget,
		Versions: func() map[string]string { return map[string]string{"our-sdk": "v7"} },
	}}}
}

// chaosrun runs a command line and returns its exit code and output. A failed run writes no page
// into this folder.
func chaosrun(o cli.Options, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	if len(args) > 0 && args[0] == "run" {
		args = slices.Insert(slices.Clone(args), 1, "--no-html")
	}
	o.Args, o.Stdout, o.Stderr = args, &out, &err
	code = cli.Main(o)
	return code, out.String(), err.String()
}

// Every subcommand works for an engine outside of this repository.
func TestATeamsOwnEngine(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	for _, tt := range []struct {
		line string
		code int
		want []string
	}{
		{"run healthy", cli.ExitPassed, []string{"passed   healthy / mine  answered by primary", "1 passed: "}},
		{
			"run healthy rate-limited --target mine --seed 3", cli.ExitPassed,
			[]string{"passed   rate-limited / mine  answered by secondary"},
		},
		{
			"run heartbeat-only", cli.ExitFailed,
			[]string{"failed   heartbeat-only / mine", "replay: mychaos run heartbeat-only --seed 1\n"},
		},
		{
			"run healthy --report json=-", cli.ExitPassed,
			[]string{`"our-sdk": "v7"`, `"target": "mine"`, `"replay": "mychaos run healthy --seed 1"`},
		},
		{"run --help", cli.ExitPassed, []string{"Default: mine."}},
		{"run healthy --policy p", cli.ExitUsage, []string{"mychaos: --policy p: the target mine has no policies"}},
		{"run healthy --target failover", cli.ExitUsage, []string{`no such target: "failover"; one of mine, `}},
		{"bench rate-limited -n 3", cli.ExitPassed, []string{
			"rate-limited: time to fallback over 3 trials", "│ 3    │ 3      │",
		}},
		{"reproduce 22277", cli.ExitFailed, []string{
			"time to fallback", "│ mine ", "unexpected: heartbeat-only / mine failed, but its policy declares passed",
		}},
		{"list targets", cli.ExitPassed, []string{"mine ", " Our engine\n", "running-gateway "}},
		{"run healthy --target running-gatewya", cli.ExitUsage, []string{`did you mean "running-gateway"?`}},
		{
			"run healthy --target running-gateway@tuned", cli.ExitUsage,
			[]string{`the target running-gateway has no variant "tuned": it has none`},
		},
		{"run healthy --target running-gateway@", cli.ExitUsage, []string{"there is no variant after the @"}},
		{
			"run healthy --target running-gateway --policy p", cli.ExitUsage,
			[]string{"--policy p: running-gateway is another process and has no policies"},
		},
		{
			"run healthy --target running-gateway --set base-url=x", cli.ExitUsage,
			[]string{`has no setting "base-url" (did you mean "base_url"?)`},
		},
		{"run healthy --target running-gateway --set key", cli.ExitUsage, []string{"--set key: write NAME=VALUE"}},
		{
			"run healthy --set key=1", cli.ExitUsage,
			[]string{"--set key=1: only a target in another process has settings"},
		},
		{"bench healthy --target running-gateway", cli.ExitUsage, []string{"bench runs in virtual time only"}},
		{"explain running-gateway", cli.ExitPassed, []string{
			"target running-gateway\nA gateway that runs already",
			"settings:  base_url=http://127.0.0.1:8080/v1, key=sk-any, model=primary",
		}},
		{"list policies", cli.ExitPassed, nil},
		{"list policies --json", cli.ExitPassed, []string{"[]\n"}},
		{"explain mine", cli.ExitPassed, []string{"target mine\nOur engine\n"}},
		{"explain heartbeat-only", cli.ExitPassed, []string{"scenario heartbeat-only", "fault heartbeat-only"}},
		{"version", cli.ExitPassed, []string{"our-sdk v7"}},
		{"serve", cli.ExitUsage, []string{"nothing to serve"}},
	} {
		t.Run(tt.line, func(t *testing.T) {
			code, stdout, stderr := chaosrun(own(), strings.Fields(tt.line)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("no %q in\n%s%s", want, stdout, stderr)
				}
			}
		})
	}
}

// sneeze is a custom fault.
type sneeze struct{}

func (sneeze) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: 503}}
}

func (sneeze) Info() fakeprovider.Info {
	return fakeprovider.Info{Name: "sneeze", Title: "The provider sneezes", Default: sneeze{}}
}

// tally is a custom report.
type tally struct {
	w    io.Writer
	runs int
}

func (t *tally) Add(reports.Run) error {
	t.runs++
	return nil
}

func (t *tally) Close(total reports.Summary) error {
	_, err := fmt.Fprintf(t.w, "%d of %d\n", total.Passed, t.runs)
	return err
}

// A program adds faults and reports through Options.
func TestATeamsOwnWords(t *testing.T) {
	o := own()
	o.Vocabulary = scenarios.Shipped()
	o.Vocabulary.Faults = append(o.Vocabulary.Faults, sneeze{}.Info())
	o.Reports = []reports.Kind{
		{Name: "tally", Open: func(w io.Writer, _ reports.Header) reports.Stream { return &tally{w: w} }},
	}
	file := filepath.Join(t.TempDir(), "sneezes.yaml")
	text := "scenario: sneezes\nproviders:\n  - {name: a, on_request: [sneeze]}\n" +
		"  - {name: b, on_request: [healthy]}\nexpect: [answer: {from: b}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"run " + file + " --report tally=-": "1 of 1\n",
		"check " + file:                     "scenario sneezes, no problems",
		"explain sneeze":                    "fault sneeze\nThe provider sneezes\n",
		"list faults":                       "The provider sneezes",
		"bench -n 2 --fault sneeze":         "│ 2    │ 2      │",
	} {
		code, stdout, stderr := chaosrun(o, strings.Fields(line)...)
		if code != cli.ExitPassed || !strings.Contains(stdout, want) {
			t.Errorf("%s: exit code %d, no %q in\n%s%s", line, code, want, stdout, stderr)
		}
	}
	if code, _, stderr := chaosrun(own(), "check", file); code != cli.ExitData || !strings.Contains(stderr, "sneeze") {
		t.Errorf("without them it is %d, %s", code, stderr)
	}
}

func TestAVocabularyThatIsWrong(t *testing.T) {
	o := own()
	o.Vocabulary = scenarios.Shipped()
	o.Vocabulary.Faults = append(o.Vocabulary.Faults, fakeprovider.Info{Name: "No Name"})
	if code, _, stderr := chaosrun(o, "list", "faults"); code != cli.ExitInternal ||
		!strings.Contains(stderr, "No Name") {
		t.Errorf("got %d, %s", code, stderr)
	}
}

// A command without an engine can serve, list, explain and check.
func TestWithoutAnEngine(t *testing.T) {
	for line, want := range map[string]struct {
		code int
		text string
	}{
		"run healthy":               {cli.ExitUsage, "has no engine to test"},
		"bench healthy":             {cli.ExitUsage, "has no engine to test"},
		"reproduce 22277":           {cli.ExitUsage, "has no engine to test"},
		"explain fault:silence":     {cli.ExitPassed, "fault silence"},
		"list targets --json":       {cli.ExitPassed, "[]"},
		"run --help":                {cli.ExitPassed, "Default: none."},
		"serve a=silence a=silence": {cli.ExitUsage, "two providers"},
	} {
		if code, stdout, stderr := chaosrun(cli.Options{}, strings.Fields(line)...); code != want.code ||
			!strings.Contains(stdout+stderr, want.text) {
			t.Errorf("%s: exit code %d, no %q in\n%s%s", line, code, want.text, stdout, stderr)
		}
	}
}
