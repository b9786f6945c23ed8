package scaffold

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Form is a way into a project.
type Form string

// The forms of first files.
const (
	// Go is a test of a Go engine, in the process.
	Go Form = "go"
	// Python is a pytest suite.
	Python Form = "python"
	// Node is a suite for node:test.
	Node Form = "node"
	// Running is a target file for a gateway that runs already.
	Running Form = "gateway"
	// Copy is a copy of a target that ships.
	Copy Form = "from"
)

// A Start describes the first files of a user's own project.
type Start struct {
	// Form is the form of the files.
	Form Form
	// Name is the folder of the files, and the name of the target. Default: failover, or what
	// [Begin] makes of the form.
	Name string
	// Version is the release of chaosrun to pin, as in v0.3.0. Anything else pins none.
	Version string
	// CI is the pipeline: github, gitlab or none.
	CI string
	// Shipped is the target to copy, or whose configuration a running gateway gets. Default: none.
	Shipped Shipped
	// Gateway is the gateway that runs already. Only the form Running has one.
	Gateway Gateway
	// ScenarioSchema and TargetSchema are the JSON Schemas to write beside such files, for editors.
	// Default: none.
	ScenarioSchema, TargetSchema []byte
}

// A Shipped is a target that ships.
type Shipped struct {
	// Name is the name of the target, and Kind how it is called.
	Name, Kind string
	// Files are the files of its folder, by name.
	Files map[string][]byte
	// Installs are the kinds of packages that it installs: pip, npm, go, maven, java.
	Installs []string
	// Configure returns what the engine is configured with as a gateway that runs already at that
	// URL. Default: it is none.
	Configure func(url string, upstreams []Upstream) (Configured, error)
}

// Names that forms without one get.
const (
	testFolder    = "failover"
	gatewayFolder = "my-gateway"
	copyPrefix    = "my-"
)

var targetName = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)

// ownScenario is the file of the user's own scenario.
const ownScenario = "slow-start.yaml"

// Begin plans the first files of a project in the folder dir: a scenario, a test or a target file,
// and a pipeline that runs the scenarios with the tag core and the user's own. It reads dir and
// writes nothing. An invalid argument, or a file that exists already, returns [ErrUsage].
func Begin(dir string, s Start) (Plan, error) {
	if s.Name == "" {
		s.Name = map[Form]string{Running: gatewayFolder, Copy: copyPrefix + s.Shipped.Name}[s.Form]
		s.Name = cmp.Or(s.Name, testFolder)
	}
	if !targetName.MatchString(s.Name) {
		return Plan{}, usage("%q is no name: write small letters and digits, with hyphens or dots between words, as "+
			"in my-gateway", s.Name)
	}
	if !releaseVersion.MatchString(s.Version) {
		s.Version = ""
	}
	p := Plan{Files: map[string][]byte{}}
	var err error
	var line pipeline
	switch s.Form {
	case Go:
		line, err = p.golang(dir, s)
	case Python:
		line, err = p.python(dir, s)
	case Node:
		line, err = p.node(dir, s)
	case Copy:
		line = p.copied(s)
	case Running:
		line, err = p.running(s)
	default:
		err = usage("%q is no form", s.Form)
	}
	if err == nil {
		err = p.add(s.Name+"/"+ownScenario, "templates/init/"+ownScenario, s)
	}
	p.addSchema(s, ownScenario, "scenario.schema.json", s.ScenarioSchema)
	p.addSchema(s, "target.yaml", "target.schema.json", s.TargetSchema)
	if err == nil {
		err = p.addPipeline(dir, s, line)
	}
	return p, err
}

// addSchema plans a schema beside a file, if that is planned, and the line that leads editors
// there. The path is relative, so that it exists whatever is published.
func (p Plan) addSchema(s Start, file, name string, schema []byte) {
	text, planned := p.Files[s.Name+"/"+file]
	if !planned || schema == nil {
		return
	}
	p.Files[s.Name+"/"+name] = schema
	p.Files[s.Name+"/"+file] = append([]byte("# yaml-language-server: $schema="+name+"\n"), text...)
}

// releaseVersion matches a version that registries have.
var releaseVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)

// add plans a file from a template.
func (p Plan) add(path, template string, s Start) error {
	text, err := fs.ReadFile(templates, template)
	if err != nil {
		return err
	}
	p.Files[path] = []byte(strings.ReplaceAll(string(text), "{{dir}}", s.Name))
	return nil
}

// goPackage is what go get and go install are asked for.
const goModule = "github.com/chaosrun/chaosrun"

// goVersion returns the version for the go command.
func (s Start) goVersion() string { return "@" + cmp.Or(s.Version, "latest") }

// packageOf returns the package for pip, with ==, or npm, with @.
func (s Start) packageOf(separator string) string {
	if s.Version == "" {
		return "chaosrun"
	}
	return "chaosrun" + separator + strings.TrimPrefix(s.Version, "v")
}

func (p *Plan) golang(dir string, s Start) (pipeline, error) {
	if others, _ := filepath.Glob(filepath.Join(dir, s.Name, "*.go")); len(others) > 0 { // the pattern is valid
		own := filepath.Join(dir, s.Name, "failover_test.go")
		if others = slices.DeleteFunc(others, func(file string) bool { return file == own }); len(others) > 0 {
			return pipeline{}, usage("%s has a Go package already: write --name with another folder", s.Name)
		}
	}
	if !moduleAbove(dir) {
		p.Next = append(p.Next, "go mod init example.com/engine")
	}
	p.Next = append(p.Next,
		fmt.Sprintf("go get %s/campaign%s", goModule, s.goVersion()),
		"go test ./"+s.Name,
		fmt.Sprintf("put your engine into newEngine of %s/failover_test.go, and run that again", s.Name))
	return pipeline{
		tool: "go", minutes: 10,
		steps: []step{{run: fmt.Sprintf("CHAOSRUN_JUNIT=$PWD/chaosrun.xml go test -count=1 ./%s/...", s.Name)}},
	}, p.add(s.Name+"/failover_test.go", "templates/init/failover_test.go.tmpl", s)
}

// moduleAbove reports whether a folder is in a Go module.
func moduleAbove(dir string) bool {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for {
		if exists(filepath.Join(abs, "go.mod")) {
			return true
		}
		if abs == filepath.Dir(abs) {
			return false
		}
		abs = filepath.Dir(abs)
	}
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func (p *Plan) python(dir string, s Start) (pipeline, error) {
	packages := s.packageOf("==") + " pytest"
	p.Next = append(p.Next, "pip install "+packages, "pytest "+s.Name,
		fmt.Sprintf("put your engine into ask of %s/test_failover.py, and run that again", s.Name))
	var steps []step
	switch {
	case exists(filepath.Join(dir, "requirements.txt")):
		steps = append(steps, step{s.pin(), "pip install -r requirements.txt " + packages})
	case exists(filepath.Join(dir, "pyproject.toml")), exists(filepath.Join(dir, "setup.py")):
		steps = append(steps, step{s.pin(), "pip install . " + packages})
	default:
		steps = append(steps, step{s.pin(), "pip install " + packages})
	}
	steps = append(steps, step{run: fmt.Sprintf("pytest %s --junitxml=chaosrun.xml", s.Name)})
	return pipeline{tool: "python", minutes: 30, steps: steps},
		p.add(s.Name+"/test_failover.py", "templates/init/test_failover.py.tmpl", s)
}

func (p *Plan) node(dir string, s Start) (pipeline, error) {
	install := "npm install --save-dev " + s.packageOf("@")
	test := fmt.Sprintf("npx chaosrun exec -- node --test %s/failover.test.mjs", s.Name)
	p.Next = append(p.Next, install, test,
		fmt.Sprintf("put your engine into ask of %s/failover.test.mjs, and run that again", s.Name))
	var steps []step
	if exists(filepath.Join(dir, "package-lock.json")) {
		steps = append(steps, step{
			comment: "chaosrun is in package-lock.json, after the first of the commands that init printed",
			run:     "npm ci",
		})
	} else {
		steps = append(steps, step{s.pin(), install})
	}
	steps = append(steps, step{run: fmt.Sprintf(
		"npx chaosrun exec -- node --test --test-reporter=spec --test-reporter-destination=stdout"+
			" --test-reporter=junit --test-reporter-destination=chaosrun.xml %s/failover.test.mjs", s.Name)})
	return pipeline{tool: "node", minutes: 30, steps: steps},
		p.add(s.Name+"/failover.test.mjs", "templates/init/failover.test.mjs.tmpl", s)
}

// schemaLine is the first line of a target that ships. It leads editors to a file beside it.
var schemaLine = regexp.MustCompile(`(?m)\A# yaml-language-server:.*\n`)

// copied plans a copy of a shipped target under another name. Its README stays where it is.
func (p *Plan) copied(s Start) pipeline {
	shipped := s.Shipped
	file := s.Name + "/target.yaml"
	for name, data := range shipped.Files {
		switch name {
		case "README.md", ownScenario:
			continue
		case "target.yaml":
			text := schemaLine.ReplaceAllString(string(data), "")
			text = strings.Replace(text, "target: "+shipped.Name+"\n", "target: "+s.Name+"\n", 1)
			// what install calls a Go program
			text = strings.ReplaceAll(text, "{{home}}/bin/"+shipped.Name, "{{home}}/bin/"+s.Name)
			data = []byte(fmt.Sprintf("# A copy of the target %s that ships with chaosrun, to be edited.\n",
				shipped.Name) + text)
		}
		p.Files[s.Name+"/"+name] = data
	}
	line := pipeline{tool: toolOf(shipped.Installs), minutes: 60}
	line.steps = append(line.steps, line.install(s))
	if len(shipped.Installs) > 0 {
		p.Next = append(p.Next, "chaosrun install "+file)
		line.steps = append(line.steps, step{run: "chaosrun install " + file})
	}
	p.Next = append(p.Next, "chaosrun run --tags core --target "+file, "edit "+s.Name+"/, and run both again")
	line.steps = append(line.steps, step{run: s.runCore(file, "")})
	return line
}

// runCore returns the command that runs the tag core against a target file.
func (s Start) runCore(file, flags string) string {
	return fmt.Sprintf("chaosrun run '*' %s/%s --tags core --target %s%s --quiet --report junit=chaosrun.xml "+
		"--report json=chaosrun.json",
		s.Name, ownScenario, file, flags)
}

// toolOf returns the language that a pipeline has to set up for packages of these kinds.
func toolOf(installs []string) string {
	switch {
	case slices.Contains(installs, "pip"):
		return "python"
	case slices.Contains(installs, "npm"):
		return "node"
	case slices.Contains(installs, "maven"), slices.Contains(installs, "java"):
		return "java"
	}
	return "go"
}
