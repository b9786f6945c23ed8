package docs_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/targets"
)

// A workflow is the part of GitHub's syntax that our pipelines use. Another key is an error, so
// that a typing mistake is one.
type workflow struct {
	Name        string            `yaml:"name"`
	On          []string          `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]job    `yaml:"jobs"`
}

type job struct {
	RunsOn   string            `yaml:"runs-on"`
	Timeout  int               `yaml:"timeout-minutes"`
	Env      map[string]string `yaml:"env"`
	Strategy struct {
		Matrix map[string][]any `yaml:"matrix"`
	} `yaml:"strategy"`
	Steps []struct {
		If   string            `yaml:"if"`
		Uses string            `yaml:"uses"`
		With map[string]string `yaml:"with"`
		Run  string            `yaml:"run"`
	} `yaml:"steps"`
}

// A gitlabJob is the same for GitLab.
type gitlabJob struct {
	Image     string   `yaml:"image"`
	Timeout   string   `yaml:"timeout"`
	Script    []string `yaml:"script"`
	Artifacts struct {
		When    string            `yaml:"when"`
		Paths   []string          `yaml:"paths"`
		Reports map[string]string `yaml:"reports"`
	} `yaml:"artifacts"`
}

var (
	pinned = regexp.MustCompile(`^(actions/[a-z-]+@(v\d+|[0-9a-f]{40})|chaosrun/chaosrun@v\d+\.\d+\.\d+)$`)
	// runner and image name a version.
	runner = regexp.MustCompile(`^ubuntu-\d+\.\d+$`)
	image  = regexp.MustCompile(`^[a-z]+:\d+(\.\d+)?$`)
	// tests are the commands that put the reader's own software under test.
	tests = regexp.MustCompile(`chaosrun run .*--target |chaosrun exec |pytest |go test `)
)

func strict(text string, into any) error {
	return yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(into) //nolint:wrapcheck // a test
}

// checkWorkflow returns the commands of a workflow for GitHub.
func checkWorkflow(t *testing.T, name, text string) (commands []string) {
	t.Helper()
	var w workflow
	if err := strict(text, &w); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
		return nil
	}
	if diff := cmp.Diff(map[string]string{"contents": "read"}, w.Permissions); diff != "" || len(w.On) == 0 ||
		len(w.Jobs) == 0 {
		t.Errorf("%s: on %v, %d jobs, permissions (-want +got):\n%s", name, w.On, len(w.Jobs), diff)
	}
	for _, j := range w.Jobs {
		if !runner.MatchString(j.RunsOn) || j.Timeout == 0 {
			t.Errorf("%s: runs on %q for %d minutes", name, j.RunsOn, j.Timeout)
		}
		commands = append(commands, checkJob(t, name, j)...)
		last := j.Steps[len(j.Steps)-1]
		if last.If != "always()" || !strings.HasPrefix(last.Uses, "actions/upload-artifact@") ||
			last.With["path"] == "" {
			t.Errorf("%s: the reports are not always uploaded: %+v", name, last)
		}
	}
	return commands
}

// checkJob returns the commands of a job.
func checkJob(t *testing.T, name string, j job) (commands []string) {
	t.Helper()
	if len(j.Steps) == 0 {
		t.Fatalf("%s: a job has no steps", name)
	}
	for _, s := range j.Steps {
		switch {
		case (s.Run == "") == (s.Uses == ""):
			t.Errorf("%s: a step either runs or uses: %+v", name, s)
		case s.Uses != "" && !pinned.MatchString(s.Uses):
			t.Errorf("%s: %s is not pinned", name, s.Uses)
		case s.Run != "":
			commands = append(commands, s.Run)
		}
	}
	return commands
}

// checkGitlab returns the commands of a pipeline for GitLab.
func checkGitlab(t *testing.T, name, text string) (commands []string) {
	t.Helper()
	var jobs map[string]gitlabJob
	if err := strict(text, &jobs); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
	for _, j := range jobs {
		if !image.MatchString(j.Image) || j.Timeout == "" || j.Artifacts.When != "always" ||
			j.Artifacts.Reports["junit"] != "chaosrun.xml" {
			t.Errorf("%s: %+v", name, j)
		}
		commands = append(commands, j.Script...)
	}
	return commands
}

// checkCommands parses every command of ours with the real command line, and wants one that tests
// the reader's own software, and writes the report that the pipeline uploads.
func checkCommands(t *testing.T, name string, commands []string) {
	t.Helper()
	tested := false
	for _, line := range commands {
		tested = tested ||
			tests.MatchString(line) && (strings.Contains(line, "chaosrun.xml") || strings.Contains(line, "chaosrun-"))
		words := shellWords(line)
		at := slices.Index(words, "chaosrun")
		if at < 0 || at > 1 || at == 1 && words[0] != "npx" { // pip install chaosrun
			continue
		}
		o := cli.Options{Outside: targets.Shipped(), Stdout: io.Discard, Stderr: io.Discard}
		if err := cli.Parse(o, words[at+1:]); err != nil {
			t.Errorf("%s: %s: %v", name, line, err)
		}
	}
	if !tested {
		t.Errorf("%s tests nothing of the reader's, or reports nothing:\n%s", name, strings.Join(commands, "\n"))
	}
}

// placeholder matches what GitHub replaces before a shell sees it.
var placeholder = regexp.MustCompile(`\$\{\{[^}]*\}\}`)

// shellWords splits a line as a shell does, as far as our pipelines need it.
func shellWords(line string) (words []string) {
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range placeholder.ReplaceAllString(line, "1") {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// initialise runs `chaosrun init` in an empty folder, and returns the files that it wrote.
func initialise(t *testing.T, args ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var out bytes.Buffer
	o := cli.Options{
		Outside: targets.Shipped(), Args: append([]string{"init", dir}, args...), Stdout: &out, Stderr: &out,
	}
	if code := cli.Main(o); code != 0 {
		t.Fatalf("init %v: exit code %d\n%s", args, code, out.String())
	}
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path) // it is below dir
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

const (
	onGitHub = ".github/workflows/failover.yml"
	onGitLab = ".gitlab-ci.yml"
)

// Every pipeline that init writes is valid, pins what it uses, and runs the reader's own software.
func TestWorkflowsOfInit(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	forms := [][]string{
		{"--python"},
		{"--node"},
		{"--go"},
		{"--gateway", "http://127.0.0.1:8080/v1"},
		{"--gateway", "http://127.0.0.1:4000/v1", "--from", "litellm-proxy"},
	}
	for _, name := range targets.Shipped().Names() {
		forms = append(forms, []string{"--from", name})
	}
	for _, form := range forms {
		name := strings.Join(form, " ")
		checkCommands(t, name, checkWorkflow(t, name, initialise(t, form...)[onGitHub]))
		checkCommands(t, name, checkGitlab(t, name, initialise(t, append(form, "--ci", "gitlab")...)[onGitLab]))
	}
}

// A wrong pipeline is found.
func TestWorkflowsThatAreWrong(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	right := initialise(t, "--from", "litellm-router")[onGitHub]
	for _, wrong := range [][2]string{{"timeout-minutes", "timeout-minuets"}, {"jobs:\n", "jobs:\n\tx"}} {
		var w workflow
		if err := strict(strings.Replace(right, wrong[0], wrong[1], 1), &w); err == nil {
			t.Errorf("%s is taken for %s", wrong[1], wrong[0])
		}
	}
	if pinned.MatchString("actions/checkout@main") ||
		tests.MatchString("chaosrun run --policy policy.yaml --report junit=chaosrun.xml") {
		t.Error("what is not pinned is, or a policy is the reader's own software")
	}
	if err := cli.Parse(cli.Options{Stdout: io.Discard, Stderr: io.Discard},
		shellWords("run '*' --tag core --target 'a b.yaml'")); err == nil {
		t.Error("--tag is taken for --tags")
	}
}

// written matches a block of a page that init wrote: its arguments, and the file, or "the steps"
// for those of the workflow alone. Default: the pipeline.
var written = regexp.MustCompile("(?s)(<!-- written by chaosrun init ([^>]*?)(?:: ([^:>]+))? " +
	"-->\n```yaml\n)(.*?)(```\n)")

var listening = regexp.MustCompile(`listen: "127\.0\.0\.1:\d+"`)

// writtenAnew returns a page with what init writes now, and compares it with the page as it is.
// With -update it writes it.
func writtenAnew(t *testing.T, path string, blocks int) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(data), "\r\n", "\n")
	found := 0
	now := written.ReplaceAllStringFunc(page, func(block string) string {
		found++
		m := written.FindStringSubmatch(block)
		files := initialise(t, strings.Fields(m[2])...)
		text := files[onGitHub] + files[onGitLab]
		switch m[3] {
		case "":
		case "the steps":
			_, text, _ = strings.Cut(text, "    steps:\n")
			text = "    steps:\n" + text
		default:
			port := 4009 // the page has the ports that init takes where nobody listens on them
			text = listening.ReplaceAllStringFunc(files[m[3]], func(string) string {
				port++
				return fmt.Sprintf(`listen: "127.0.0.1:%d"`, port)
			})
		}
		if text == "" {
			t.Errorf("%s: init %s writes no %s", path, m[2], m[3])
		}
		return m[1] + text + m[5]
	})
	if found != blocks {
		t.Errorf("%s has %d blocks that init writes, want %d", path, found, blocks)
	}
	if *update {
		if err := os.WriteFile(path, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(now, page); diff != "" {
		t.Errorf("go test ./docs -update writes it (-want +got):\n%s", diff)
	}
	return now
}

// The files on the page of gateways are those that init writes.
func TestFilesOfTheGatewayPage(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	writtenAnew(t, "GATEWAY.md", 1)
}

// The pipelines of CI.md are those that init writes, and the others are valid too. With -update
// they are written anew.
func TestPipelinesOfThePage(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	now := writtenAnew(t, "../CI.md", 6)
	const path = "CI.md"
	for _, m := range yamlCode.FindAllStringSubmatch(now, -1) {
		switch text := m[1]; {
		case strings.HasPrefix(text, "name:"):
			checkCommands(t, path, checkWorkflow(t, path, text))
		case strings.HasPrefix(text, "    s"): // strategy, steps
			var j job
			if err := strict(text, &j); err != nil {
				t.Errorf("%s: %v\n%s", path, err, text)
				continue
			}
			checkCommands(t, path, checkJob(t, path, j))
		default:
			checkCommands(t, path, checkGitlab(t, path, text))
		}
	}
	for _, m := range regexp.MustCompile("(?s)```groovy\n(.*?)```").FindAllStringSubmatch(now, -1) {
		var commands []string
		for _, s := range regexp.MustCompile(`(?m)^ *sh '(.*)'$`).FindAllStringSubmatch(m[1], -1) {
			commands = append(commands, s[1])
		}
		checkCommands(t, path, commands)
	}
}
