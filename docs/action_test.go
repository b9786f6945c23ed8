package docs_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/targets"
)

// An action is the syntax of a composite action, as far as ours needs it. Another key is an error:
// https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
type action struct {
	Name        string                  `yaml:"name"`
	Description string                  `yaml:"description"`
	Branding    map[string]string       `yaml:"branding"`
	Inputs      map[string]actionInput  `yaml:"inputs"`
	Outputs     map[string]actionOutput `yaml:"outputs"`
	Runs        struct {
		Using string       `yaml:"using"`
		Steps []actionStep `yaml:"steps"`
	} `yaml:"runs"`
}

type actionInput struct {
	Description string  `yaml:"description"`
	Default     *string `yaml:"default"`
}

type actionOutput struct {
	Description string `yaml:"description"`
	Value       string `yaml:"value"`
}

type actionStep struct {
	Name  string            `yaml:"name"`
	ID    string            `yaml:"id"`
	If    string            `yaml:"if"`
	Uses  string            `yaml:"uses"`
	With  map[string]string `yaml:"with"`
	Shell string            `yaml:"shell"`
	Run   string            `yaml:"run"`
	Dir   string            `yaml:"working-directory"`
	Env   map[string]string `yaml:"env"`
}

var (
	expression = regexp.MustCompile(`inputs\.([a-z-]+)`)
	script     = regexp.MustCompile(`^bash "\$GITHUB_ACTION_PATH/(ci/github/[a-z]+\.sh)"$`)
)

// readAction returns the action.
func readAction(t *testing.T) (a action) {
	t.Helper()
	text, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := strict(string(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAction checks that the action has GitHub's syntax, that inputs reach the scripts as variables
// and never as text of a shell, and that each is used and has a default.
func TestAction(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || a.Name == "" || len(a.Description) > 125 {
		t.Errorf("using %q, name %q, a description of %d characters", a.Runs.Using, a.Name, len(a.Description))
	}
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		all := []string{s.If, s.Dir}
		for _, values := range []map[string]string{s.With, s.Env} {
			for _, value := range values {
				all = append(all, value)
			}
		}
		for _, m := range expression.FindAllStringSubmatch(strings.Join(all, " "), -1) {
			used[m[1]] = true
			if _, declared := a.Inputs[m[1]]; !declared {
				t.Errorf("%s: there is no input %s", s.Name, m[1])
			}
		}
		switch m := script.FindStringSubmatch(s.Run); {
		case s.Uses != "" && !pinned.MatchString(s.Uses):
			t.Errorf("%s is not pinned", s.Uses)
		case s.Uses != "":
		case m == nil || s.Shell != "bash":
			t.Errorf("%s is no script of ours: %q in the shell %q", s.Name, s.Run, s.Shell)
		default:
			if _, err := os.Stat("../" + m[1]); err != nil {
				t.Error(err)
			}
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Default == nil || input.Description == "" {
			t.Errorf("input %s: used %v, default %v, description %q", name, used[name], input.Default,
				input.Description)
		}
	}
	for name, output := range a.Outputs {
		if output.Description == "" || output.Value != "${{ steps.run.outputs."+name+" }}" {
			t.Errorf("output %s: %+v", name, output)
		}
	}
}

// A runnerJob is a job of a runner, with the files that the runner gives to steps.
type runnerJob struct {
	dir string
	env []string
}

// newRunnerJob returns a job whose inputs have the action's defaults.
func newRunnerJob(t *testing.T) runnerJob {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the action's scripts need bash, and the paths of a Unix")
	}
	dir := t.TempDir()
	job := runnerJob{dir: dir}
	for _, name := range []string{"bin", "temp", "work", "work/below"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	job.env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"RUNNER_TEMP="+filepath.Join(dir, "temp"), "GITHUB_WORKSPACE="+filepath.Join(dir, "work"),
		"RUNNER_OS=Linux", "RUNNER_ARCH=X64", "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
	for _, name := range []string{"GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		job.env = append(job.env, name+"="+filepath.Join(dir, name))
	}
	a := readAction(t)
	for _, s := range a.Runs.Steps {
		for name, value := range s.Env {
			m := expression.FindStringSubmatch(value)
			if m == nil || a.Inputs[m[1]].Default == nil {
				t.Fatalf("%s is %q, and no input with a default", name, value)
			}
			job.env = append(job.env, name+"="+*a.Inputs[m[1]].Default)
		}
	}
	return job
}

// run runs a script of the action in a folder of the job, with further variables, and returns its
// exit code and what it prints.
func (j runnerJob) run(t *testing.T, name, folder string, env ...string) (code int, said string) {
	t.Helper()
	path, err := filepath.Abs("../ci/github/" + name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", path)
	cmd.Dir, cmd.Env = filepath.Join(j.dir, folder), append(slices.Clone(j.env), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// read returns a file of the job, "" for none.
func (j runnerJob) read(name string) string {
	data, _ := os.ReadFile(filepath.Join(j.dir, name)) // a file that nobody wrote is empty
	return string(data)
}

// standIn is a chaosrun that writes down its arguments, and as every report a line of it.
const standIn = `#!/bin/sh
printf '%s\n' "$@" >"$GITHUB_OUTPUT.args"
while [ $# -gt 0 ]; do
  case $2 in
    github=*) printf '::error file=failover/a.yaml,line=3,title=t::m\n::error title=t::m\n' >"${2#*=}" ;;
    markdown=*) printf '### chaosrun: 1 failed\n' >"${2#*=}" ;;
    json=* | html=* | junit=*) echo report >"${2#*=}" ;;
  esac
  shift
done
exit 1
`

// TestActionRuns runs the action's script with a stand-in for chaosrun.
func TestActionRuns(t *testing.T) {
	job := newRunnerJob(t)
	program := filepath.Join(job.dir, "bin", "chaosrun")
	if err := os.WriteFile(program, []byte(standIn), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"heartbeat-one", "heartbeat-two"} { // which a shell would find
		if err := os.WriteFile(filepath.Join(job.dir, "work", "below", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, said := job.run(t, "run.sh", "work/below", "CHAOSRUN_SCENARIOS=heartbeat-* healthy\n mine.yaml",
		"CHAOSRUN_TARGET=a.yaml b.yaml", "CHAOSRUN_TAGS=core and not slow", "CHAOSRUN_SHARD=1/4",
		"CHAOSRUN_ARGS=--limit time_to_fallback=30s;touch$(x)")
	if code != 1 {
		t.Errorf("exit code %d, want that of chaosrun, 1: %s", code, said)
	}
	want := "run heartbeat-* healthy mine.yaml --tags|core and not slow| --target a.yaml --target b.yaml --shard 1/4 " +
		"--limit time_to_fallback=30s;touch$(x) --report json=chaosrun-reports/report.json " +
		"--report html=chaosrun-reports/report.html --report junit=chaosrun-reports/junit.xml " +
		"--report markdown=chaosrun-reports/summary.md --report github=chaosrun-reports/annotations.txt"
	words := strings.Fields(strings.Replace(want, "--tags|core and not slow|", "--tags core_and_not_slow", 1))
	got := strings.Split(strings.TrimSpace(job.read("GITHUB_OUTPUT.args")), "\n")
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "core and not slow", "core_and_not_slow")
	}
	if diff := cmp.Diff(words, got); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if want := "::error file=below/failover/a.yaml,line=3,title=t::m\n::error title=t::m\n"; said != want {
		t.Errorf("it prints %q, want %q", said, want)
	}
	if got := job.read("GITHUB_STEP_SUMMARY"); got != "### chaosrun: 1 failed\n" {
		t.Errorf("the summary is %q", got)
	}
	folder := filepath.Join(job.dir, "work", "below", "chaosrun-reports")
	if want := "exit-code=1\nreports=" + folder + "\n"; job.read("GITHUB_OUTPUT") != want {
		t.Errorf("outputs are %q, want %q", job.read("GITHUB_OUTPUT"), want)
	}
	entries, err := os.ReadDir(folder)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"junit.xml", "report.html", "report.json"}, names); err != nil || diff != "" {
		t.Errorf("%v, reports (-want +got):\n%s", err, diff)
	}
}

// archived returns an archive of a release with a command, as the packages have it.
func archived(t *testing.T, folder string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	files := tar.NewWriter(zipped)
	text := []byte("#!/bin/sh\necho installed\n")
	header := &tar.Header{Name: folder + "/chaosrun", Mode: 0o755, Size: int64(len(text))}
	if err := files.WriteHeader(header); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestActionInstalls installs an archive from a server of releases, and refuses one with another
// checksum, a version that is not there, a platform without an archive, and another source.
func TestActionInstalls(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("the action fetches with curl")
	}
	const name = "chaosrun-0.3.0-linux-amd64"
	archive := archived(t, name)
	sum := sha256.Sum256(archive)
	sums := fmt.Sprintf("%s  %s.tar.gz\n%s  chaosrun-0.3.0-linux-arm64.tar.gz\n", hex.EncodeToString(sum[:]), name,
		strings.Repeat("0", 2*len(sum)))
	wrong := strings.Replace(sums, sums[:8], "00000000", 1)
	files := map[string]string{
		"/download/v0.3.0/SHA256SUMS": sums, "/download/v0.3.0/" + name + ".tar.gz": string(archive),
		"/latest/download/SHA256SUMS": sums, "/latest/download/" + name + ".tar.gz": string(archive),
		"/download/v0.3.1/SHA256SUMS": wrong, "/download/v0.3.1/" + name + ".tar.gz": string(archive),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text)) // the script says what is missing
	}))
	t.Cleanup(server.Close)
	for _, tt := range []struct {
		name string
		env  []string
		says string // "" installs
	}{
		{"a version", []string{"CHAOSRUN_VERSION=v0.3.0"}, ""},
		{"without its v", []string{"CHAOSRUN_VERSION=0.3.0"}, ""},
		{"the latest", nil, ""},
		{"another checksum", []string{"CHAOSRUN_VERSION=v0.3.1"}, name + ".tar.gz is not what its checksum says"},
		{"no such version", []string{"CHAOSRUN_VERSION=v9"}, "no release v9 at " + server.URL},
		{"no archive", []string{"RUNNER_OS=macOS"}, "release latest has no archive for darwin/amd64"},
		{"no such platform", []string{"RUNNER_ARCH=RISCV"}, "there is no archive for RISCV: use from: go"},
		{"no such source", []string{"CHAOSRUN_FROM=pip"}, "from: pip is none of release, go and path"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := newRunnerJob(t)
			env := append([]string{"CHAOSRUN_RELEASES=" + server.URL}, tt.env...)
			code, said := job.run(t, "install.sh", "work", env...)
			if tt.says != "" {
				wrong := "::error title=chaosrun::" + tt.says + "\n"
				if code != 1 || !strings.Contains(said, wrong) || job.read("GITHUB_PATH") != "" {
					t.Errorf("exit code %d, path %q: %s", code, job.read("GITHUB_PATH"), said)
				}
				return
			}
			folder := strings.TrimSpace(job.read("GITHUB_PATH"))
			out, err := exec.CommandContext(t.Context(), filepath.Join(folder, "chaosrun")).Output()
			if code != 0 || err != nil || string(out) != "installed\n" {
				t.Errorf("exit code %d, %v, %q in %q: %s", code, err, out, folder, said)
			}
		})
	}
}

// A hook is a hook of pre-commit's manifest, as far as ours needs it:
// https://pre-commit.com/#creating-new-hooks
type hook struct {
	ID           string   `yaml:"id"`
	Name         string   `yaml:"name"`
	Description  string   `yaml:"description"`
	Entry        string   `yaml:"entry"`
	Language     string   `yaml:"language"`
	Dependencies []string `yaml:"additional_dependencies"`
	Files        string   `yaml:"files"`
	Types        []string `yaml:"types"`
}

// TestHook checks the manifest of pre-commit, and which files the hook looks at.
func TestHook(t *testing.T) {
	text, err := os.ReadFile("../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []hook
	if err := strict(string(text), &hooks); err != nil || len(hooks) != 1 {
		t.Fatalf("%v: %+v", err, hooks)
	}
	h := hooks[0]
	if h.ID != "chaosrun-check" || h.Entry != "chaosrun check" || h.Language != "golang" || h.Name == "" ||
		!slices.Equal(h.Dependencies, []string{"./cmd/chaosrun"}) || !slices.Equal(h.Types, []string{"yaml"}) {
		t.Errorf("got %+v", h)
	}
	files := regexp.MustCompile(h.Files)
	for path, want := range map[string]bool{
		"failover/slow.yaml": true, "tests/scenarios/a/b.yml": true, "targets/mine/target.yaml": true,
		"policies/p.yaml": true, "config.yaml": false, "failover/test.py": false, "myfailover/a.yaml": false,
	} {
		if files.MatchString(path) != want {
			t.Errorf("%s: looked at %v, want %v", path, !want, want)
		}
	}
}

// A gitlabTemplate is the template for GitLab.
type gitlabTemplate struct {
	Variables map[string]string `yaml:"variables"`
	Failover  templateJob       `yaml:"failover"`
	Report    templateJob       `yaml:"failover-report"`
}

type templateJob struct {
	Image     string   `yaml:"image"`
	Timeout   string   `yaml:"timeout"`
	Script    []string `yaml:"script"`
	Artifacts struct {
		When     string            `yaml:"when"`
		ExposeAs string            `yaml:"expose_as"`
		Paths    []string          `yaml:"paths"`
		Reports  map[string]string `yaml:"reports"`
	} `yaml:"artifacts"`
	Parallel int    `yaml:"parallel"`
	Stage    string `yaml:"stage"`
	When     string `yaml:"when"`
	Needs    []struct {
		Job       string `yaml:"job"`
		Artifacts bool   `yaml:"artifacts"`
	} `yaml:"needs"`
}

// TestGitlabTemplate checks the template's keys and commands, and that what the shards keep is what
// the job behind them reads.
func TestGitlabTemplate(t *testing.T) {
	text, err := os.ReadFile("../ci/gitlab/chaosrun.yml")
	if err != nil {
		t.Fatal(err)
	}
	var p gitlabTemplate
	if err := strict(string(text), &p); err != nil {
		t.Fatal(err)
	}
	if p.Failover.Parallel < 2 || p.Failover.Artifacts.Reports["junit"] != "chaosrun.xml" ||
		p.Report.When != "always" || len(p.Report.Needs) != 1 || p.Report.Needs[0].Job != "failover" ||
		!p.Report.Needs[0].Artifacts {
		t.Errorf("got %+v", p)
	}
	fill := strings.NewReplacer("$CHAOSRUN_RUN", p.Variables["CHAOSRUN_RUN"]+" --target failover/target.yaml",
		"$CI_NODE_INDEX", "1", "chaosrun-*.json", "chaosrun-1.json chaosrun-2.json")
	for _, j := range []templateJob{p.Failover, p.Report} {
		if !image.MatchString(j.Image) || j.Timeout == "" || j.Artifacts.When != "always" {
			t.Errorf("got %+v", j)
		}
		for _, line := range j.Script {
			if words := shellWords(fill.Replace(line)); words[0] == "chaosrun" {
				o := cli.Options{Outside: targets.Shipped(), Stdout: io.Discard, Stderr: io.Discard}
				if err := cli.Parse(o, words[1:]); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		}
	}
	if kept := p.Failover.Artifacts.Paths; !slices.Equal(kept, []string{"chaosrun-*.json"}) ||
		!strings.Contains(p.Report.Script[1], kept[0]) {
		t.Errorf("the shards keep %v, and the report reads %v", kept, p.Report.Script)
	}
}
