package scaffold

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// A pipeline is what CI does, whoever runs it.
type pipeline struct {
	// tool is the language that has to be there: go, python, node or java.
	tool  string
	steps []step
	// secret is a variable that the steps need from the project's secrets. Default: none.
	secret string
	// minutes bounds the whole of it.
	minutes int
	// folder is where the steps run, with slashes. Default: the root of the repository.
	folder string
}

// githubFile is where GitHub looks for a workflow.
const githubFile = ".github/workflows/failover.yml"

// belowRepository returns the path of a folder below the root of its repository, with slashes, or
// "" for the root itself and outside of a repository.
func belowRepository(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for root := dir; ; root = filepath.Dir(root) {
		if exists(filepath.Join(root, ".git")) {
			below, err := filepath.Rel(root, dir)
			if err != nil || below == "." {
				return ""
			}
			return filepath.ToSlash(below)
		}
		if root == filepath.Dir(root) {
			return ""
		}
	}
}

// A step is a command, with a comment for people.
type step struct{ comment, run string }

// The versions that pipelines pin.
const (
	goVersion     = "1.26"
	pythonVersion = "3.13"
	nodeVersion   = "22"
	javaVersion   = "21"
)

// pin is the comment beside a version that could not be pinned.
func (s Start) pin() string {
	if s.Version == "" {
		return "Pin a version of chaosrun here, so that a new scenario turns no old branch red."
	}
	return ""
}

// install returns the step that installs chaosrun where the tool is set up.
func (l pipeline) install(s Start) step {
	switch l.tool {
	case "python":
		return step{s.pin(), "pip install " + s.packageOf("==")}
	case "node":
		return step{s.pin(), "npm install --global " + s.packageOf("@")}
	}
	return step{s.pin(), fmt.Sprintf("go install %s/cmd/chaosrun%s", goModule, s.goVersion())}
}

// addPipeline plans the file of the pipeline, if one is wanted.
func (p *Plan) addPipeline(dir string, s Start, l pipeline) error {
	l.folder = belowRepository(dir)
	switch s.CI {
	case "none":
		return nil
	case "github":
		p.Files[githubFile] = []byte(l.github())
		if l.folder != "" {
			p.Notes = append(p.Notes, "GitHub reads workflows at the root of a repository only: move "+githubFile+
				" there. It works in "+l.folder+".")
		}
		return nil
	case "gitlab":
		file := ".gitlab-ci.yml"
		if l.folder != "" {
			p.Notes = append(p.Notes, "GitLab reads the file at the root of a repository only. Add to it:  include: "+
				"[{local: "+l.folder+"/"+file+"}]")
			p.Files[file] = []byte(l.gitlab())
			return nil
		}
		if exists(filepath.Join(dir, file)) {
			file = ".gitlab/failover.yml"
			p.Notes = append(p.Notes, "Add to .gitlab-ci.yml:  include: [{local: "+file+"}]")
		}
		p.Files[file] = []byte(l.gitlab())
		return nil
	}
	return usage("--ci %s: write github, gitlab or none", s.CI)
}

// github returns a workflow of GitHub Actions.
func (l pipeline) github() string {
	var b strings.Builder
	fmt.Fprintf(&b, `name: failover
on: [push, pull_request]
permissions:
  contents: read
jobs:
  failover:
    runs-on: ubuntu-24.04
    timeout-minutes: %d
`, l.minutes)
	if l.secret != "" {
		fmt.Fprintf(&b, "    env:\n      %s: ${{ secrets.%[1]s }}\n", l.secret)
	}
	if l.folder != "" {
		fmt.Fprintf(&b, "    defaults:\n      run: {working-directory: %q}\n", l.folder)
	}
	b.WriteString("    steps:\n      - uses: actions/checkout@v4\n")
	setup := func(action, key, version string) {
		fmt.Fprintf(&b, "      - uses: actions/%s\n        with: {%s: %q}\n", action, key, version)
	}
	switch l.tool {
	case "go":
		setup("setup-go@v5", "go-version", goVersion)
	case "python":
		setup("setup-python@v5", "python-version", pythonVersion)
	case "node":
		setup("setup-node@v4", "node-version", nodeVersion)
	case "java":
		setup("setup-go@v5", "go-version", goVersion)
		fmt.Fprintf(&b, "      - uses: actions/setup-java@v4\n        with: {distribution: temurin, "+
			"java-version: %q}\n", javaVersion)
	}
	for _, s := range l.steps {
		if s.comment != "" {
			fmt.Fprintf(&b, "      # %s\n", s.comment)
		}
		fmt.Fprintf(&b, "      - run: %s\n", s.run)
	}
	fmt.Fprintf(&b, `      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: chaosrun
          path: %s
`, l.artifacts())
	return b.String()
}

// gitlab returns a job of GitLab CI.
func (l pipeline) gitlab() string {
	image := map[string]string{
		"go": "golang:" + goVersion, "python": "python:" + pythonVersion, "node": "node:" + nodeVersion,
		"java": "golang:" + goVersion,
	}
	var b strings.Builder
	fmt.Fprintf(&b, "failover:\n  image: %s\n  timeout: %dm\n", image[l.tool], l.minutes)
	if l.secret != "" {
		fmt.Fprintf(&b, "  # %s is a variable of the project: Settings, CI/CD, Variables.\n", l.secret)
	}
	b.WriteString("  script:\n")
	if l.folder != "" {
		fmt.Fprintf(&b, "    - cd %s\n", l.folder)
	}
	if l.tool == "java" {
		b.WriteString("    - apt-get update && apt-get install --yes default-jdk-headless maven\n")
	}
	for _, s := range l.steps {
		if s.comment != "" {
			fmt.Fprintf(&b, "    # %s\n", s.comment)
		}
		fmt.Fprintf(&b, "    - %s\n", s.run)
	}
	fmt.Fprintf(&b, `  artifacts:
    when: always
    paths: [%q]
    reports:
      junit: %s
`, l.artifacts(), path.Join(l.folder, "chaosrun.xml"))
	return b.String()
}

// artifacts is the pattern of the reports.
func (l pipeline) artifacts() string { return path.Join(l.folder, "chaosrun.*") }
