package targets

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A Go program in a module of its own is installed with package worker in it, and is a worker.
func TestGoWorker(t *testing.T) {
	t.Setenv(HomeVariable, t.TempDir())
	target := installable(t, `{go: ./engine}`, map[string]string{
		"engine/go.mod.txt": "module mine\n\ngo 1.26.0\n",
		"engine/main.go": `//go:build ignore

package main

import (
	"context"
	"fmt"

	"mine/worker"
)

func main() {
	worker.Main("mine", "example.com/none", func(_ context.Context, run worker.Run) (worker.Engine, error) {
		fmt.Println("what prints is log")
		return worker.EngineFunc(func(_ context.Context, c *worker.Call) (worker.End, error) {
			c.Text(c.Prompt + " from " + run.Upstreams[0].Name)
			return worker.End{Finish: "stop"}, nil
		}), nil
	})
}
`,
	})
	var log bytes.Buffer
	if err := target.Install(t.Context(), &log); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	program := filepath.Join(target.Home(), "bin", "x")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for in, want := range map[string]string{
		`{"v":1,"run":{"upstreams":[{"name":"primary"}]}}` + "\n" + `{"v":1,"call":1,"prompt":"hello"}` +
			"\n": `{"run":true,"engine":"mine"}
{"call":1,"text":"hello from primary"}
{"call":1,"end":true,"finish":"stop"}
`,
		"hello\n": "",
	} {
		out, err := converseWith(t, program, in)
		if string(out) != want || (err == nil) != (want != "") {
			t.Errorf("got %s%v, want %s", out, err, want)
		}
	}
}

// converseWith runs a program with this input, and returns what it prints.
func converseWith(t *testing.T, program, in string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin = strings.NewReader(in)
	return cmd.Output()
}

// The go.mod of a Go engine has what the version of its reports is read from, and its go.sum the
// checksum. Its worker is made with the package that is copied into it.
func TestTheModulesOfGoEngines(t *testing.T) {
	for _, name := range Shipped().Names() {
		target := shippedTarget(t, name)
		if target.Packages.Go == "" {
			continue
		}
		mod, sum, source := readShipped(t, name, "go.mod.txt"), readShipped(t, name, "go.sum.txt"),
			readShipped(t, name, "main.go")
		required := regexp.MustCompile(`(?m)^(?:require|\t)\s*` + regexp.QuoteMeta(target.Version.Go) +
			` (v\S+)$`).FindSubmatch(mod)
		if required == nil || !bytes.Contains(sum, []byte(target.Version.Go+" "+string(required[1])+" h1:")) {
			t.Errorf("%s: go.mod requires no %s, or go.sum has no checksum of it", name, target.Version.Go)
		}
		module := regexp.MustCompile(`(?m)^module (\S+)$`).FindSubmatch(mod)
		if module == nil || !bytes.Contains(source, []byte(`"`+string(module[1])+`/worker"`)) ||
			!bytes.Contains(source, []byte(`"`+target.Version.Go+`"`)) {
			t.Errorf("%s: main.go does not import worker of its module, or names another engine than the target file",
				name)
		}
	}
}
