package worker_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var workers = flag.Bool("workers", false, "run the tests that need python3, node and a JDK")

// patience bounds each wait for a worker. An interpreter starts within a second, unless the
// machine is busy.
const patience = 30 * time.Second

// scripts returns the command of the same worker in every language.
func scripts() map[string][]string {
	return map[string][]string{
		"python": {"python3", filepath.Join("testdata", "talker.py")},
		"node":   {"node", filepath.Join("testdata", "talker.mjs")},
		"java":   {"java", "Talker"},
	}
}

// compiled compiles the worker in Java, once, and returns the folder of its classes.
var compiled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "talker-")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(context.Background(), "javac", "-d", dir, "ChaosrunWorker.java",
		filepath.Join("testdata", "Talker.java"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

// jdk lets Java find the compiled worker.
func jdk(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		t.Skip("needs a JDK: ", err)
	}
	dir, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLASSPATH", dir)
}

func TestMain(m *testing.M) {
	flag.Parse()
	m.Run()
	if *workers {
		if dir, err := compiled(); err == nil {
			_ = os.RemoveAll(dir)
		}
	}
}

// each runs a test once per language.
func each(t *testing.T, f func(t *testing.T, w *talker)) {
	t.Helper()
	for language, command := range scripts() {
		t.Run(language, func(t *testing.T) {
			if !*workers {
				t.Skip("needs Python, Node and a JDK: run it with -workers")
			}
			if language == "java" {
				jdk(t)
			}
			f(t, start(t, command))
		})
	}
}

// A talker is a started worker.
type talker struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string
	stderr *bytes.Buffer
}

func start(t *testing.T, command []string) *talker {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	w := &talker{
		t: t, cmd: exec.CommandContext(t.Context(), command[0], command[1:]...), lines: make(chan string, 100),
		stderr: &bytes.Buffer{},
	}
	w.cmd.Env = append(os.Environ(), "PYTHONPATH="+here, "CHAOSRUN_WORKER_DIR="+here)
	w.cmd.Stderr = w.stderr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
	}()
	return w
}

// send sends lines.
func (w *talker) send(lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(w.in, line+"\n"); err != nil {
			w.t.Fatal(err)
		}
	}
}

// run sends a run of a scenario.
func (w *talker) run(scenario string) {
	w.t.Helper()
	w.send(`{"v":1,"run":{"scenario":"` + scenario +
		`","seed":9,"upstreams":[{"name":"primary","protocol":"openai-chat",` +
		`"url":"http://h","base_url":"http://h/v1","key":"sk-secret","model":"m1"}]}}`)
}

// line returns the next line, as compact JSON with sorted keys.
func (w *talker) line() string {
	w.t.Helper()
	select {
	case line, ok := <-w.lines:
		if !ok {
			w.t.Fatalf("the worker has ended\n%s", w.ended())
		}
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.t.Fatalf("not JSON: %s", line)
		}
		sorted, err := json.Marshal(v)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(sorted)
	case <-time.After(patience):
		w.t.Fatal("no line came")
		return ""
	}
}

// want compares the next lines. A * at the end of a line stands for the rest of it.
func (w *talker) want(lines ...string) {
	w.t.Helper()
	for _, want := range lines {
		got := w.line()
		if prefix, ok := strings.CutSuffix(want, "*"); ok && strings.HasPrefix(got, prefix) {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// ended waits until the worker has ended, and returns its log.
func (w *talker) ended() string {
	w.t.Helper()
	done := make(chan error, 1)
	go func() { done <- w.cmd.Wait() }()
	select {
	case err := <-done:
		return fmt.Sprintf("%v\n%s", err, w.stderr)
	case <-time.After(patience):
		_ = w.cmd.Process.Kill()
		w.t.Fatal("the worker did not end")
		return ""
	}
}

func TestPieces(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"pieces"}`)
		w.want(`{"call":1,"thinking":"hm"}`, `{"call":1,"text":"hel"}`, `{"call":1,"text":"lo"}`,
			`{"call":1,"restart":true}`,
			`{"call":1,"tool":{"arguments":"{","id":"t1","index":0,"name":"look"}}`,
			`{"call":1,"tool":{"arguments":"}","index":0}}`,
			`{"call":1,"end":true,"finish":"stop","model":"m1","usage":{"input":3,"output":5}}`)
	})
}

func TestWhatTheCallSays(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(
			`{"v":1,"call":1,"messages":[{"role":"user","content":"hello"},{"role":"user","content":"told"}],"stream":true,"restarts":true,` +
				`"context_tokens":20000,"deadline_s":2.5}`)
		got := strings.ToLower(w.line()) // Python writes True
		if want := `{"call":1,"text":"true true 20000 2.5 2 told 9"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		w.want(`{"call":1,"end":true}`)
	})
}

// A worker that is told of calls at once says that its calls overlap, and they do.
func TestCallsAtOnce(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.send(
			`{"v":1,"run":{"scenario":"s","at_once":2,"upstreams":[{"name":"primary","protocol":"openai-chat","url":"http://h","base_url":"http://h/v1","key":"k","model":"m"}]}}`)
		w.want(`{"engine":"talker 1.2.3","overlap":true,"run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"hang"}`)
		w.want(`{"call":1,"text":"one"}`)
		w.send(`{"v":1,"call":2,"prompt":"hang"}`)
		w.want(`{"call":2,"text":"one"}`)
	})
}

func TestErrors(t *testing.T) {
	each(t, func(t *testing.T, w *talker) {
		t.Helper()
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"too many"}`)
		w.want(`{"call":1,"error":"slow down, [key]","retry_after_s":7,"status":429,"type":"TooMany"}`)
		w.send(`{"v":1,"call":2,"prompt":"long"}`)
		if got := w.line(); len(got) < 2000 || len(got) > 2100 {
			t.Errorf("got an error of %d bytes, want some 2000", len(got))
		}
		if strings.HasSuffix(t.Name(), "/java") {
			return // its compiler takes no garbage
		}
		w.send(`{"v":1,"call":3,"prompt":"garbage"}`)
		w.want(`{"call":3,"error":"a piece of an answer is a str*`)
	})
}

func TestBuild(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.run("no-gemini")
		w.want(`{"skip":"no Gemini"}`)
		w.run("broken")
		w.want(`{"error":"cannot build with [key]","type":"*`)
		w.send(`{"v":1,"call":1,"prompt":"told"}`)
		w.want(`{"call":1,"error":"got a call before a run that could be built"*`)
		w.run("late")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":2,"prompt":"hello"}`)
		w.want(`{"call":2,"text":"late text"}`, `{"call":2,"end":true}`)
	})
}

// What the engine prints goes to standard error, from whatever prints it.
func TestStrayPrints(t *testing.T) {
	each(t, func(t *testing.T, w *talker) {
		t.Helper()
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"print"}`)
		w.want(`{"call":1,"text":"True"}`, `{"call":1,"end":true}`)
		_ = w.in.Close()
		log := w.ended()
		wanted := []string{"a stray print", "a stray line"}
		if !strings.HasSuffix(t.Name(), "/java") { // where no program can move a descriptor that its children inherit
			wanted = append(wanted, "a child prints")
		}
		for _, want := range wanted {
			if !strings.Contains(log, want) {
				t.Errorf("the log has no %q:\n%s", want, log)
			}
		}
	})
}

// A cancelled call ends with an error, and others go on beside it.
func TestCancel(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"hang"}`)
		w.want(`{"call":1,"text":"one"}`)
		w.send(`{"v":1,"call":2,"prompt":"hang"}`)
		w.want(`{"call":2,"text":"one"}`)
		w.send(`{"v":1,"cancel":1}`)
		w.want(`{"call":1,"error":"cancelled","type":"Cancelled"}`)
		w.send(`{"v":1,"call":3,"prompt":"told"}`)
		w.want(`{"call":3,"text":"*`, `{"call":3,"end":true}`)
		w.send(`{"v":1,"call":4,"prompt":"hang"}`, `{"v":1,"cancel":4}`)
		for got := w.line(); got != `{"call":4,"error":"cancelled","type":"Cancelled"}`; got = w.line() {
			if got != `{"call":4,"text":"one"}` {
				t.Errorf("got %s", got)
			}
		}
		w.run("s") // ends call 2
		w.want(`{"call":2,"error":"cancelled","type":"Cancelled"}`, `{"engine":"talker 1.2.3","run":true}`)
	})
}

// Functions and generators that are not async are run too. One that blocks is given up.
func TestPlainFunctions(t *testing.T) {
	each(t, func(_ *testing.T, w *talker) {
		w.run("plain")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		w.send(`{"v":1,"call":1,"prompt":"text"}`)
		w.want(`{"call":1,"text":"the whole text"}`, `{"call":1,"end":true}`)
		w.send(`{"v":1,"call":2,"prompt":"plain hang"}`)
		w.want(`{"call":2,"text":"one"}`)
		w.send(`{"v":1,"cancel":2}`)
		w.want(`{"call":2,"error":"cancelled","type":"Cancelled"}`)
		w.send(`{"v":1,"call":3,"prompt":"hello"}`)
		w.want(`{"call":3,"text":"plain "}`, `{"call":3,"text":"hello"}`, `{"call":3,"end":true}`)
		_ = w.in.Close()
		w.ended()
	})
}

// The helper in Java reads and writes JSON by itself.
func TestJSONInJava(t *testing.T) {
	if !*workers {
		t.Skip("needs a JDK: run it with -workers")
	}
	jdk(t)
	w := start(t, scripts()["java"])
	w.run("s")
	w.want(`{"engine":"talker 1.2.3","run":true}`)
	const messages = `[{"content":"say \"ä\\\n\t\u0001/ \ud83d\ude00 echo","role":"user"},{"content":[],"n":[-1,2.5,10000000000,true,false,null,{}],"role":"user"}]`
	w.send(`{ "v": 1 , "call" : 1, "prompt":"echo", "messages":` + messages + `, "tools": [ ] }`)
	var got struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(w.line()), &got); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutSuffix(got.Text, "[]")
	var have, want any
	if err := json.Unmarshal([]byte(text), &have); err != nil || !ok {
		t.Fatalf("%v: %s", err, got.Text)
	}
	if err := json.Unmarshal([]byte(messages), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.want(`{"call":1,"end":true}`)
}

func TestPythonOnly(t *testing.T) {
	if !*workers {
		t.Skip("needs Python: run it with -workers")
	}
	w := start(t, scripts()["python"])
	w.run("plain")
	w.want(`{"engine":"talker 1.2.3","run":true}`)
	w.send(`{"v":1,"call":1,"prompt":"exit"}`)
	w.want(`{"call":1,"error":"3","type":"SystemExit"}`)
	w.send(`{"v":1,"call":2,"prompt":"async after all"}`)
	w.want(`{"call":2,"text":"False False 0 None 1 told 9"}`, `{"call":2,"end":true}`)
}

// An interrupt reaches the whole process group, and chaosrun decides what it means. A worker ends
// when its standard input closes, whatever is under way.
func TestTheEnd(t *testing.T) {
	each(t, func(t *testing.T, w *talker) {
		t.Helper()
		w.run("s")
		w.want(`{"engine":"talker 1.2.3","run":true}`)
		if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		w.send(`{"v":1,"call":1,"prompt":"hang"}`)
		w.want(`{"call":1,"text":"one"}`)
		_ = w.in.Close()
		if log := w.ended(); !strings.HasPrefix(log, "<nil>") {
			t.Errorf("got %s", log)
		}
	})
}

// A version that the file does not know ends the worker, with the reason in the log.
func TestVersion(t *testing.T) {
	each(t, func(t *testing.T, w *talker) {
		t.Helper()
		w.send(`{"v":2,"run":{}}`)
		if log := w.ended(); !strings.HasPrefix(log, "exit status 1") || !strings.Contains(log, "version 2") {
			t.Errorf("got %s", log)
		}
	})
}
