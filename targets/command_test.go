package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
)

// playCommand is an agent with a command line.
func playCommand(role string) error {
	c := chat{upstreams: strings.Split(os.Getenv("UPSTREAMS"), ",")}
	c.patience, _ = time.ParseDuration(os.Getenv("PATIENCE"))
	switch role {
	case "unlucky": // a gateway that finds its port taken, once
		if _, err := os.Stat(os.Getenv("FLAG")); err != nil {
			if err := os.WriteFile(os.Getenv("FLAG"), nil, 0o600); err != nil {
				return err
			}
			return fmt.Errorf("listen: %w", syscall.EADDRINUSE)
		}
		return serveGateway(os.Getenv("PORT"), c)
	case "agent", "half-agent", "shy-agent":
		fmt.Println("\x1b[1mMy agent 1.0\x1b[0m, asked: " + os.Args[len(os.Args)-1])
		body, err := json.Marshal(map[string]any{
			"model": "m", "stream": true, "messages": []map[string]string{{"role": "user", "content": "say hello"}},
		})
		if err != nil {
			return err
		}
		pieces := 0
		err = chat{c.upstreams, c.patience}.relay(context.Background(), body, func(data string) {
			var chunk struct {
				Choices []struct {
					Delta struct {
						Content string `json:"content"`
					} `json:"delta"`
				} `json:"choices"`
			}
			if json.Unmarshal([]byte(data), &chunk) != nil || len(chunk.Choices) == 0 {
				return
			}
			if pieces++; role == "agent" || role == "half-agent" && pieces < 4 {
				fmt.Print(chunk.Choices[0].Delta.Content)
			}
		})
		if err != nil {
			return err
		}
		fmt.Println("\n\x1b[32mTokens: 12\x1b[0m, bye")
		return nil
	}
	return errors.New("no such role: " + role)
}

// agent is a target of this test binary.
func agent(t *testing.T, role, patience, limit string) *Target {
	t.Helper()
	command := strings.TrimSuffix(me(t), "]") + `, "{{prompt}}"]`
	return parseTarget(t, fmt.Sprintf(`
target: agent
kind: command
start: {env: {%s: %s, UPSTREAMS: "{{range upstreams}}{{base_url}}{{comma}}{{end}}", PATIENCE: %s, GORACE: %s}}
call: {command: %s}
limits: {call: %s}
`, engineVariable, role, patience, endAtOnce, command, limit))
}

// An agent's answer is somewhere in its output. It takes real time, up to the 6 s at which the call
// of the wrong agent is cut.
func TestACommand(t *testing.T) {
	t.Parallel()
	run := runVariant(t, agent(t, "agent", "500ms", "8s"), Options{}, stalls)
	if run.Verdict() != assertions.Passed {
		t.Errorf("the right agent: %s\n%s", message(run), run.Timeline)
	}
	client, _ := run.Timeline.Client(1)
	if text := client.Text(); !strings.HasPrefix(text, "My agent 1.0, asked: say hello\n") ||
		!strings.HasSuffix(text, "\nTokens: 12, bye\n") {
		t.Errorf("got %q", text)
	}
	if run := runVariant(t, agent(t, "agent", "0s", "6s"), Options{}, stalls); run.Verdict() != assertions.Failed {
		t.Errorf("an agent without a watchdog: %s\n%s", message(run), run.Timeline)
	}
}

// An agent that prints half of an answer, or none, with exit code 0 does not pass the healthy call.
func TestWrongCommands(t *testing.T) {
	t.Parallel()
	missing := agent(t, "agent", "500ms", "8s")
	missing.Call.Command = []string{"surely-not-installed"}
	for _, tt := range []struct {
		target *Target
		want   string
	}{
		{
			agent(t, "half-agent", "500ms", "8s"),
			`unknown: the harness could not look: the engine did not answer a healthy call: primary sent "one-primary two-primary three-primary four-primary five-primary six-primary seven-primary eight-primary nine-primary ten-primary", and the caller got "My agent`,
		},
		{
			agent(t, "shy-agent", "500ms", "8s"),
			`unknown: the harness could not look: the engine did not answer a healthy call: primary sent`,
		},
		{
			agent(t, "no-agent", "500ms", "8s"),
			`unknown: the harness could not look: the engine did not answer a healthy call: exit code 1: no such role: no-agent`,
		},
		{missing, "unknown: the harness could not look: agent: command not found: surely-not-installed"},
	} {
		run := runVariant(t, tt.target, Options{}, once)
		if got := message(run); !strings.HasPrefix(got, tt.want) {
			t.Errorf("got  %s\nwant %s\n%s", got, tt.want, run.Timeline)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, text, rest string }{
		{"plain\r\n", "plain\n", ""},
		{"a\x1b[1;31mb\x1b[0mc", "abc", ""},
		{"a\x1b]0;title\x07b", "ab", ""},
		{"a\x1b[3", "a", "\x1b[3"},
		{"a\x1b", "a", "\x1b"},
		{"a\x1b7b", "ab", ""},
		{"\xc3", "", "\xc3"},
		{"\xc3\xa4\xff", "ä�", ""},
	} {
		text, rest := plainText([]byte(tt.in))
		if text != tt.text || string(rest) != tt.rest {
			t.Errorf("%q: got %q and %q, want %q and %q", tt.in, text, rest, tt.text, tt.rest)
		}
	}
	// A code that never ends is not held back for ever.
	if text, _ := plainText([]byte("\x1b[" + strings.Repeat("1", 200))); !strings.HasPrefix(text, "[1") {
		t.Errorf("got %q", text)
	}
	var got []string
	o := &outputReader{left: 8, emit: func(d harness.Delta) { got = append(got, d.Text) }}
	for _, piece := range []string{"ab\xc3", "\xa4c", "defg", "hi", "jk"} {
		if n, err := o.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	o.end()
	if text := strings.Join(got, ""); text != "abäcdefg" {
		t.Errorf("got %q", text)
	}
}
