package scaffold_test

import (
	"errors"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/scaffold"
)

// begin plans and writes the files of a form into an empty folder.
func begin(t *testing.T, s scaffold.Start) (dir string, p scaffold.Plan) {
	t.Helper()
	dir = t.TempDir()
	p, err := scaffold.Begin(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir, p
}

// Every form writes one scenario, one file with the engine or the target, and one pipeline, and
// asks for at most five steps.
func TestForms(t *testing.T) {
	shipped := scaffold.Shipped{Name: "some", Files: map[string][]byte{
		"target.yaml": []byte("# yaml-language-server: x\ntarget: some\nstart: {command: [\"{{home}}/bin/some\"]}\n"),
		"worker.py":   []byte("pass\n"), "README.md": []byte("read\n"),
	}}
	for _, tt := range []struct {
		start scaffold.Start
		want  []string
	}{
		{
			scaffold.Start{Form: scaffold.Go, CI: "github"},
			[]string{".github/workflows/failover.yml", "failover/failover_test.go", "failover/slow-start.yaml"},
		},
		{
			scaffold.Start{Form: scaffold.Python, CI: "gitlab"},
			[]string{".gitlab-ci.yml", "failover/slow-start.yaml", "failover/test_failover.py"},
		},
		{
			scaffold.Start{Form: scaffold.Node, CI: "none"},
			[]string{"failover/failover.test.mjs", "failover/slow-start.yaml"},
		},
		{
			scaffold.Start{Form: scaffold.Copy, CI: "none", Shipped: shipped},
			[]string{"my-some/slow-start.yaml", "my-some/target.yaml", "my-some/worker.py"},
		},
		{
			scaffold.Start{
				Form: scaffold.Running, CI: "none", Name: "x", Gateway: scaffold.Gateway{URL: "http://localhost:1/v1"},
			},
			[]string{"x/slow-start.yaml", "x/target.yaml"},
		},
	} {
		dir, p := begin(t, tt.start)
		if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(p.Files))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.start.Form, diff)
		}
		if n := len(p.Next); n < 2 || n > 5 {
			t.Errorf("%s: %d steps", tt.start.Form, n)
		}
		for path, data := range p.Files {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
			if err != nil || string(got) != string(data) || strings.Contains(string(got), "{{dir}}") {
				t.Errorf("%s: %v\n%s", path, err, got)
			}
		}
		again, err := scaffold.Begin(dir, tt.start)
		if err == nil {
			err = again.Write(dir)
		}
		if exists, ok := errors.AsType[*scaffold.ExistsError](err); !ok || len(exists.Paths) < len(tt.want)-1 {
			t.Errorf("%s a second time: got %v", tt.start.Form, err)
		}
	}
}

// A copy has the new name wherever the old one is the engine's.
func TestCopyIsRenamed(t *testing.T) {
	_, p := begin(t, scaffold.Start{
		Form: scaffold.Copy, CI: "none", Name: "mine",
		Shipped: scaffold.Shipped{Name: "some", Files: map[string][]byte{
			"target.yaml": []byte("# yaml-language-server: x\ntarget: some\ntitle: some\n" +
				"start: {command: [\"{{home}}/bin/some\"]}\n"),
		}},
	})
	want := "# A copy of the target some that ships with chaosrun, to be edited.\ntarget: mine\ntitle: some\n" +
		"start: {command: [\"{{home}}/bin/mine\"]}\n"
	if diff := cmp.Diff(want, string(p.Files["mine/target.yaml"])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A schema stands beside each file that has one, and the file's first line names it.
func TestSchemas(t *testing.T) {
	for form, want := range map[scaffold.Form][]string{
		scaffold.Go:      {"slow-start.yaml scenario.schema.json"},
		scaffold.Running: {"slow-start.yaml scenario.schema.json", "target.yaml target.schema.json"},
	} {
		dir, p := begin(t, scaffold.Start{
			Form: form, CI: "none", Name: "x", Gateway: scaffold.Gateway{URL: "http://localhost:1/v1"},
			ScenarioSchema: []byte("{}"), TargetSchema: []byte("{}"),
		})
		for _, both := range want {
			file, schema, _ := strings.Cut(both, " ")
			if !strings.HasPrefix(string(p.Files["x/"+file]), "# yaml-language-server: $schema="+schema+"\n") {
				t.Errorf("%s does not name its schema", file)
			}
			if _, err := os.Stat(filepath.Join(dir, "x", schema)); err != nil {
				t.Error(err)
			}
		}
		if _, beside := p.Files["x/target.schema.json"]; beside != (len(want) == 2) {
			t.Errorf("%s has a schema of targets: %t", form, beside)
		}
	}
}

// A pipeline pins the release that wrote it, and says so where there is none.
func TestPins(t *testing.T) {
	for version, want := range map[string][]string{
		"v0.3.0": {
			"go install github.com/chaosrun/chaosrun/cmd/chaosrun@v0.3.0", "pip install chaosrun==0.3.0 pytest",
			"npm install --save-dev chaosrun@0.3.0",
		},
		"devel-1234": {"# Pin a version", "# Pin a version", "# Pin a version"},
	} {
		forms := []scaffold.Start{
			{Form: scaffold.Running, Gateway: scaffold.Gateway{URL: "http://127.0.0.1:1"}},
			{Form: scaffold.Python},
			{Form: scaffold.Node},
		}
		for i, s := range forms {
			s.Version, s.CI = version, "github"
			if _, p := begin(t, s); !strings.Contains(string(p.Files[".github/workflows/failover.yml"]), want[i]) {
				t.Errorf("%s, %s: no %q in\n%s", version, s.Form, want[i], p.Files[".github/workflows/failover.yml"])
			}
		}
	}
}

// Ports on which somebody listens are left alone.
func TestTakenPorts(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	taken := l.Addr().String()
	_, p := begin(t, scaffold.Start{
		Form: scaffold.Running, CI: "none", Gateway: scaffold.Gateway{URL: "http://127.0.0.1:1/v1", Listen: taken},
	})
	if file := string(p.Files["my-gateway/target.yaml"]); strings.Contains(file, taken) ||
		strings.Count(file, "listen: ") != 2 {
		t.Errorf("%s is taken, and the target file has\n%s", taken, file)
	}
	if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, "Somebody listens on port") {
		t.Errorf("got the notes %q", notes)
	}
}

// All files are written, or none and no folder either.
func TestWriteIsAllOrNothing(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"z": "a file, where a folder should be", "old": "as it was"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []scaffold.Plan{
		{Files: map[string][]byte{"a/b/first": nil, "c": nil, "z/last": nil}},
		{Files: map[string][]byte{"a/b/first": nil}, Changed: map[string][]byte{"old": []byte("new"), "z/last": nil}},
	} {
		if err := p.Write(root); err == nil {
			t.Fatal("a file was written below a file")
		}
		entries, err := os.ReadDir(root)
		if err != nil || len(entries) != 2 {
			t.Errorf("got %v, %v; want what was there before", entries, err)
		}
		if got, err := os.ReadFile(filepath.Join(root, "old")); string(got) != "as it was" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	p := scaffold.Plan{Files: map[string][]byte{"old": []byte("new")}}.Overwrite(root)
	if err := p.Write(root); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(root, "old")); string(got) != "new" {
		t.Errorf("got %q, %v", got, err)
	}
}

// What is written for Go compiles in a module of its own, passes with the engine in it, and fails
// with one that waits for ever.
func TestGoRuns(t *testing.T) {
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := begin(t, scaffold.Start{Form: scaffold.Go, CI: "none"})
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/engine\n\ngo 1.26.0\n\nrequire github.com/chaosrun/chaosrun v0.0.0\n\n" +
			"replace github.com/chaosrun/chaosrun => " + abs + "\n",
		"go.sum": string(sum),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if failed := strings.Contains(want, "FAIL"); (err != nil) != failed || !strings.Contains(string(out), want) {
			t.Errorf("go %v: %v, want %q:\n%s", args, err, want, out)
		}
	}
	run("", "vet", "./...")
	run("--- PASS: TestCore/slow-start ", "test", "-v", "./failover")
	name := filepath.Join(dir, "failover", "failover_test.go")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), "45 * time.Second", "10 * time.Hour", 1)),
		0o600); err != nil {
		t.Fatal(err)
	}
	run("--- FAIL: TestFallsBack ", "test", "./failover")
}

// TestBelowTheRoot checks that a pipeline of a folder below the root of a repository works there,
// and that a note says where its file belongs.
func TestBelowTheRoot(t *testing.T) {
	for _, tt := range []struct{ ci, file, holds, note string }{
		{"github", ".github/workflows/failover.yml", "run: {working-directory: \"services/ask\"}", "move .github"},
		{"gitlab", ".gitlab-ci.yml", "- cd services/ask\n", "include: [{local: services/ask/.gitlab-ci.yml}]"},
	} {
		for _, where := range []string{"root", "services/ask"} {
			root := t.TempDir()
			dir := root
			if where != "root" {
				dir = filepath.Join(root, where)
			}
			if err := errors.Join(os.Mkdir(filepath.Join(root, ".git"), 0o755), os.MkdirAll(dir, 0o755)); err != nil {
				t.Fatal(err)
			}
			p, err := scaffold.Begin(dir, scaffold.Start{Form: scaffold.Go, CI: tt.ci})
			if err != nil {
				t.Fatal(err)
			}
			below := where != "root"
			text, notes := string(p.Files[tt.file]), strings.Join(p.Notes, "\n")
			if strings.Contains(text, tt.holds) != below || strings.Contains(notes, tt.note) != below ||
				strings.Contains(text, "services/ask/chaosrun.*") != below || text == "" {
				t.Errorf("%s in %s:\n%s\n%s", tt.ci, where, text, notes)
			}
		}
	}
}
