package cli

import (
	"errors"

	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/targets"
)

type checkCmd struct {
	Files []string `arg:"" name:"file" help:"Scenario, policy and target files."`
}

// Help returns the text below the flags.
func (checkCmd) Help() string {
	return `Example:
  chaosrun check my-scenario.yaml my-policy.yaml my-gateway.yaml

It lists every problem with line and column, and then exits with 65. Warnings do not change the exit code.`
}

// Run validates every file and reports all problems at once.
func (k *checkCmd) Run(c console) error {
	var all strictyaml.Problems
	for _, file := range k.Files {
		data, err := readfile.Head(file, strictyaml.MaxSize+1)
		if err != nil {
			return usage("%v", err)
		}
		what, warnings, err := checkFile(c, file, data)
		var problems strictyaml.Problems
		switch {
		case errors.As(err, &problems):
			all = append(all, problems...)
		case err != nil:
			return &exitError{code: ExitData, err: err}
		case warnings != nil:
			c.say("%s: %s, no problems, with warnings:\n%v\n", file, what, warnings)
		default:
			c.say("%s: %s, no problems\n", file, what)
		}
	}
	if all != nil {
		return all
	}
	return nil
}

// checkFile detects the kind of a file by its first key, and validates it. what names its content.
func checkFile(c console, file string, data []byte) (what string, warnings strictyaml.Problems, err error) {
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return "", nil, err //nolint:wrapcheck // Problems
	}
	for _, f := range doc.Root().Fields() {
		switch f.Name {
		case "scenario":
			s, err := c.Vocabulary.Load(file, data)
			if err == nil {
				warnings = c.Vocabulary.Warnings(s)
			}
			return "scenario " + s.Name, warnings, err //nolint:wrapcheck // Problems
		case "policy":
			if v, known, err := c.Targets.LoadPolicy(file, data); known {
				return "policy " + v.Name, nil, err
			}
		case "target":
			t, err := targets.Load(c.Vocabulary, file, data)
			if err != nil {
				return "", nil, err //nolint:wrapcheck // Problems
			}
			return "target " + t.Name, nil, nil
		}
	}
	doc.Root().Report("expected a scenario, a policy or a target: name one, as in `scenario: my-scenario`")
	return "", nil, doc.Err() //nolint:wrapcheck // Problems
}
