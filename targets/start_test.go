package targets

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
)

// playEngine is an engine that does something wrong, or a command.
func playEngine(role string) error {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, maxWorkerLine)
	answers := func(lines ...string) {
		for _, line := range lines {
			in.Scan()
			fmt.Println(line)
		}
		in.Scan()
	}
	const ready = `{"run": true}`
	switch role {
	case "exits":
		fmt.Fprintln(os.Stderr, "ModuleNotFoundError: No module named 'litellm'")
		os.Exit(1) //nolint:revive // the engine is a program of its own
	case "crashes":
		answers(ready)
		fmt.Println(`{"call": 1, "text": "I was about to"}`)
		fmt.Fprintln(os.Stderr, "segmentation fault in the native part, key "+os.Getenv("SECRET"))
		os.Exit(3) //nolint:revive // the engine is a program of its own
	case "panics":
		answers(ready)
		go func() { panic("a bug of the engine") }()
		select {}
	case "garbage":
		fmt.Println("a stray print is log")
		answers(ready, `{"call": 1, "txt": "hello"}`)
		select {}
	case "cut-off":
		answers(ready, `{"call": 1, "text": `)
		select {}
	case "unknown-call":
		answers(ready, `{"call": 7, "text": "hello"}`)
		select {}
	case "never-ends":
		answers(ready, `{"call": 1, "text": "hello"}`)
		select {}
	case "never-reads":
		answers(ready)
		select {}
	case "skips":
		answers(`{"skip": "no Gemini"}`)
	case "refuses":
		answers(`{"error": "no key", "type": "ConfigError"}`)
	case "closes":
		answers(ready)
		_ = os.Stdout.Close()
		select {}
	default:
		return playCommand(role)
	}
	return nil
}

// me is a command line of this test binary, as YAML has it.
func me(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("[%q]", path)
}

// worker is a target of this test binary.
func scriptWorker(t *testing.T, role, more string) *Target {
	t.Helper()
	return parseTarget(t,
		fmt.Sprintf("target: w\nkind: worker\nstart: {command: %s, env: {%s: %s, PATIENCE: 500ms}}\n%s", me(t),
			engineVariable, role, more))
}

// message returns what a run says of itself: why it was skipped, or its first finding.
func message(run *harness.Trial) string {
	if run.Skipped() != "" {
		return "skipped: " + run.Skipped()
	}
	for _, r := range run.Judgement.Results {
		if r.Verdict != assertions.Passed {
			return fmt.Sprintf("%s: %s", r.Verdict, r.Message)
		}
	}
	return run.Verdict().String()
}

// The right worker passes, and without a watchdog it fails. It takes real time, up to the 3 s at
// which the call of the wrong one is cut.
func TestAWorker(t *testing.T) {
	t.Parallel()
	if run := runVariant(t, scriptWorker(t, "worker", ""), Options{}, stalls); run.Verdict() != assertions.Passed {
		t.Errorf("the right worker: %s\n%s", message(run), run.Timeline)
	}
	wrong := parseTarget(t,
		fmt.Sprintf("target: w\nkind: worker\nstart: {command: %s, env: {%s: worker}}\nlimits: {call: 3s}\n", me(t),
			engineVariable))
	if run := runVariant(t, wrong, Options{}, stalls); run.Verdict() != assertions.Failed {
		t.Errorf("a worker without a watchdog: %s\n%s", message(run), run.Timeline)
	}
}

// A worker that serves all runs is sent a new run, and is warmed up once.
func TestAWorkerIsKept(t *testing.T) {
	t.Parallel()
	target := scriptWorker(t, "worker", "between_runs: {restart: false}\n")
	variants, err := target.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var warmed []int
	for range 2 {
		reached := 0
		factory := func(lab harness.Lab) harness.Target {
			made := variants[0].Factory(lab)
			if reused, ok := made.(harness.Reused); ok && reused.Reused() {
				reached++
			}
			return made
		}
		run := harness.RunScenario(parseScenario(t, stalls), factory,
			append(variants[0].Options, harness.WithClock(harness.Wall()))...)
		if run.Verdict() != assertions.Passed {
			t.Errorf("%s\n%s", message(run), run.Timeline)
		}
		warmed = append(warmed, reached)
	}
	if warmed[0] != 0 || warmed[1] != 1 {
		t.Errorf("reused: got %v, want [0 1]", warmed)
	}
}

// once is a scenario that the wrong workers do not get through.
const once = "scenario: once\ndeadline: 10s\nproviders: [{name: primary, on_request: [healthy]}]\nexpect: [answer]\n"

// Each wrong worker is unknown, with a message of its own.
func TestWrongWorkers(t *testing.T) {
	t.Setenv("SECRET_OF_TEST", "sk-live-secret")
	for _, tt := range []struct{ role, want string }{
		{"exits", "unknown: the harness could not look: w: it ended with exit code 1 before it was ready; the last " +
			"lines of its log:\nModuleNotFoundError: No module named 'litellm'"},
		{"crashes", "unknown: the harness could not look: w: the worker ended with exit code 3 in a call; the last " +
			"lines of its log:\nsegmentation fault in the native part, key [secret]"},
		{
			"garbage",
			`unknown: the harness could not look: w: the worker broke off a call: it answered a line that is not of the protocol: "{\"call\": 1, \"txt\": \"hello\"}"`,
		},
		{
			"cut-off",
			`unknown: the harness could not look: w: the worker broke off a call: it answered a line that is not of the protocol: "{\"call\": 1, \"text\":"`,
		},
		{
			"unknown-call",
			`unknown: the harness could not look: w: the worker broke off a call: it answered a call that was not made: "{\"call\": 7, \"text\": \"hello\"}"`,
		},
		{"skips", "skipped: no Gemini"},
		{
			"refuses",
			"unknown: the harness could not look: w: the worker could not build the engine: ConfigError: no key",
		},
	} {
		t.Run(tt.role, func(t *testing.T) {
			target := scriptWorker(t, tt.role, "")
			target.Start.Env["SECRET"], target.uses.env = "${SECRET_OF_TEST}", []string{"SECRET_OF_TEST"}
			run := runVariant(t, target, Options{}, once)
			if got := message(run); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got  %s\nwant %s\n%s", got, tt.want, run.Timeline)
			}
		})
	}
}

// A panic of a Go engine is the engine's failure.
func TestAPanickingWorker(t *testing.T) {
	t.Parallel()
	run := runVariant(t, scriptWorker(t, "panics", ""), Options{}, once)
	if got := message(run); !strings.Contains(got, "a bug of the engine in ") ||
		!strings.Contains(got, "start_test.go:") {
		t.Errorf("got %s\n%s", got, run.Timeline)
	}
}

// A worker that does not end a cancelled call is killed, even if it does not read what it is sent.
// It takes the time that a cancelled call has.
func TestWorkersThatNeverEnd(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"never-ends", "never-reads"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			run := runVariant(t, scriptWorker(t, role, "limits: {call: 200ms}\n"), Options{}, once)
			if took := time.Since(begun); took < cancelGrace || took > 6*cancelGrace {
				t.Errorf("it took %s", took)
			}
			if got := message(run); !strings.HasPrefix(got, "unknown: ") {
				t.Errorf("got %s\n%s", got, run.Timeline)
			}
		})
	}
}

// gateway is a target of this test binary.
func gateway(t *testing.T, env, more string) *Target {
	t.Helper()
	return parseTarget(t, fmt.Sprintf(`
target: g
kind: gateway
start:
  command: %s
  env: {PORT: "{{port}}", UPSTREAMS: "{{range upstreams}}{{base_url}}{{comma}}{{end}}", %s}
%s
call: {base_url: "{{url}}/v1", model: primary, key: sk-any}
`, me(t), env, more))
}

// A gateway is started and called. It takes real time, up to the 3 s at which the call of the wrong
// one is cut.
func TestAGateway(t *testing.T) {
	t.Parallel()
	env := engineVariable + ": gateway"
	right := gateway(t, env+", PATIENCE: 500ms", `  ready: {get: "{{url}}/health"}`)
	logs := t.TempDir()
	if run := runVariant(t, right, Options{Log: logs}, stalls); run.Verdict() != assertions.Passed {
		t.Errorf("the right gateway: %s\n%s", message(run), run.Timeline)
	}
	if _, err := os.Stat(filepath.Join(logs, "g.stalls.1.log")); err != nil {
		t.Error(err)
	}
	wrong := gateway(t, env, "limits: {call: 3s}")
	if run := runVariant(t, wrong, Options{}, stalls); run.Verdict() != assertions.Failed {
		t.Errorf("a gateway without a watchdog: %s\n%s", message(run), run.Timeline)
	}
}

// Gateways that do not get ready are unknown, each with a message of its own.
func TestWrongGateways(t *testing.T) {
	t.Parallel()
	const within = `  ready: {get: "{{url}}/health", within: 300ms}`
	missing := gateway(t, "A: b", within)
	missing.Start.Command = []string{"surely-not-installed"}
	missing.Packages.Pip, missing.File = []string{"surely==1.2.3"}, ""
	for _, tt := range []struct {
		target *Target
		want   string
	}{
		{
			gateway(t, engineVariable+": deaf", within),
			"unknown: the harness could not look: g: not ready within 300ms: GET http://127.0.0.1:",
		},
		{
			gateway(t, engineVariable+": exits", `  ready: {get: "{{url}}/health", within: 60s}`),
			"unknown: the harness could not look: g: it ended with exit code 1 before it was ready; the last lines " +
				"of its log:\nModuleNotFoundError",
		},
		{missing, "unknown: the harness could not look: g: command not found: surely-not-installed: not installed: " +
			"run `chaosrun install g`"},
	} {
		run := runVariant(t, tt.target, Options{}, stalls)
		if got := message(run); !strings.HasPrefix(got, tt.want) {
			t.Errorf("got  %s\nwant %s\n%s", got, tt.want, run.Timeline)
		}
	}
	run := runVariant(t, gateway(t, engineVariable+": deaf", within), Options{}, stalls)
	if got := message(run); !strings.HasSuffix(got, ": connection refused") {
		t.Errorf("got %s", got)
	}
}

// The environment of an engine is clean, and its scratch folder is gone afterwards.
func TestScratch(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-live-secret")
	file := filepath.Join(t.TempDir(), "env")
	target := scriptWorker(t, "worker", "")
	target.Start.Env["DUMP"] = file
	target.Start.Files = map[string]File{"a/b.txt": {Text: "{{upstream.1.name}} in {{dir}}"}}
	if run := runVariant(t, target, Options{}, stalls); run.Verdict() != assertions.Passed {
		t.Fatalf("%s\n%s", message(run), run.Timeline)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var dump struct {
		Env  map[string]string `json:"env"`
		File string            `json:"file"`
	}
	if err := json.Unmarshal(data, &dump); err != nil {
		t.Fatal(err)
	}
	if _, leaked := dump.Env["OPENAI_API_KEY"]; leaked || dump.Env["PATH"] == "" || dump.Env[workerFolder] == "" {
		t.Errorf("got %q", dump.Env)
	}
	dir := filepath.Dir(dump.Env["HOME"])
	if want := "primary in " + dir; dump.File != want {
		t.Errorf("got %q, want %q", dump.File, want)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

// A port that somebody takes in the meantime is exchanged for another one.
func TestAPortIsTaken(t *testing.T) {
	t.Parallel()
	flag := filepath.Join(t.TempDir(), "tried")
	target := gateway(t, engineVariable+": unlucky, FLAG: \""+flag+"\", PATIENCE: 500ms", "")
	if run := runVariant(t, target, Options{}, stalls); run.Verdict() != assertions.Passed {
		t.Errorf("%s\n%s", message(run), run.Timeline)
	}
	if _, err := os.Stat(flag); err != nil {
		t.Error(err)
	}
	if number, err := freePortNumber(); err != nil {
		t.Error(err)
	} else if l, err := net.Listen("tcp", "127.0.0.1:"+number); err != nil {
		t.Error(err)
	} else {
		_ = l.Close()
	}
}

// dump writes the environment of this process into a file, if it has a name.
func dump(name string) error {
	if name == "" {
		return nil
	}
	env := map[string]string{}
	for _, entry := range os.Environ() {
		key, value, _ := strings.Cut(entry, "=")
		env[key] = value
	}
	text, _ := os.ReadFile(filepath.Join(filepath.Dir(env["HOME"]), "a", "b.txt"))
	data, err := json.Marshal(map[string]any{"env": env, "file": string(text)})
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o600)
}
