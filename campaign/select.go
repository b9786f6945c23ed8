package campaign

import (
	"go/build/constraint"
	"os"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Select returns the scenarios that the given names, globs and files denote, without duplicates.
// fault:NAME denotes a primary with that fault and a healthy fallback.
// No arguments select the whole catalogue. Files may use everything in words. The error is a
// *[UsageError], a *[scenarios.UnknownError], or the errors of all files.
func Select(words *scenarios.Vocabulary, args []string) ([]scenarios.Scenario, error) {
	if len(args) == 0 {
		return scenarios.Catalogue(), nil
	}
	var selected []scenarios.Scenario
	var problems strictyaml.Problems
	for _, arg := range args {
		found, err := selectOne(words, arg)
		if more, ok := asProblems(err); ok {
			problems = append(problems, more...)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if !slices.ContainsFunc(selected, func(have scenarios.Scenario) bool {
				return have.Name == s.Name && have.File == s.File
			}) {
				selected = append(selected, s)
			}
		}
	}
	if problems != nil {
		return nil, problems
	}
	return selected, nil
}

// faultPrefix begins the name of a scenario that is a single fault.
const faultPrefix = "fault:"

// single returns the scenario of a single fault, under the argument's name. It expects an answer of
// one of the providers before the limit of a cell.
func single(words *scenarios.Vocabulary, arg string) ([]scenarios.Scenario, error) {
	s, err := FaultScenario(words, strings.TrimPrefix(arg, faultPrefix), 0)
	if err != nil {
		return nil, err
	}
	s.Name, s.Deadline = arg, virtualCell
	return []scenarios.Scenario{s}, nil
}

func selectOne(words *scenarios.Vocabulary, arg string) ([]scenarios.Scenario, error) {
	switch {
	case strings.HasPrefix(arg, faultPrefix):
		return single(words, arg)
	case IsFile(arg):
		data, err := readfile.Head(arg, strictyaml.MaxSize+1)
		if err != nil {
			return nil, usage("", "%v", err)
		}
		s, err := words.Load(arg, data)
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		return []scenarios.Scenario{s}, nil
	case strings.ContainsAny(arg, "*?["):
		found, err := scenarios.Match(arg)
		if err != nil {
			return nil, usage("", "%v", err)
		}
		if len(found) == 0 {
			return nil, usage("", "no scenario matches %q; see: chaosrun list scenarios", arg)
		}
		return found, nil
	}
	s, err := scenarios.Find(arg)
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is for the user
	}
	return []scenarios.Scenario{s}, nil
}

// IsFile reports whether an argument looks like a file rather than a scenario name.
func IsFile(arg string) bool {
	return strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") || exists(arg)
}

// exists reports whether there is such a file.
func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// FilterTags returns the scenarios whose tags satisfy a boolean expression, in the syntax of Go's
// build constraints. Build tags have no hyphens, so hyphens and underscores count as equal. An
// empty expression selects all scenarios.
func FilterTags(all []scenarios.Scenario, expr string) ([]scenarios.Scenario, error) {
	if expr == "" {
		return all, nil
	}
	parsed, err := constraint.Parse("//go:build " + strings.ReplaceAll(expr, "-", "_"))
	if err != nil {
		return nil, usage("tags", "{option} %q: %v; write for instance {option} 'stall && !flagship'", expr, err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s scenarios.Scenario) bool {
		return !parsed.Eval(func(tag string) bool {
			return slices.ContainsFunc(s.Tags,
				func(have string) bool { return strings.ReplaceAll(have, "-", "_") == tag })
		})
	}), nil
}

// argument returns the command-line argument for a scenario: the name, or the file if it is not
// from the catalogue.
func argument(s scenarios.Scenario) string {
	if s.File == "" {
		return s.Name
	}
	if _, err := scenarios.Find(s.Name); err == nil && !exists(s.File) {
		return s.Name
	}
	return s.File
}
