package scenarios

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

//go:embed catalog/*.yaml
var files embed.FS

// loadCatalogue parses the embedded files once. It panics on an invalid file; the tests of this
// package make sure that there is none.
//
//nolint:gochecknoglobals // computed once, never changed
var loadCatalogue = sync.OnceValue(func() []Scenario {
	entries, err := files.ReadDir("catalog")
	if err != nil {
		panic(err)
	}
	var all []Scenario
	for _, e := range entries {
		file := path.Join("catalog", e.Name())
		data, err := files.ReadFile(file)
		if err != nil {
			panic(err)
		}
		s, err := Load(file, data)
		if err != nil {
			panic(err)
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Scenario) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// Catalogue returns the shipped scenarios, sorted by name. The caller owns the slice.
func Catalogue() []Scenario { return slices.Clone(loadCatalogue()) }

// An UnknownError reports a scenario name that the catalogue does not have.
type UnknownError struct {
	Name string
	// Suggestion is the nearest name that exists, or "".
	Suggestion string
}

// Error returns the unknown name and the suggestion.
func (e *UnknownError) Error() string {
	if e.Suggestion == "" {
		return fmt.Sprintf("no such scenario: %q; see: chaosrun list scenarios", e.Name)
	}
	return fmt.Sprintf("no such scenario: %q (did you mean %q?)", e.Name, e.Suggestion)
}

// Find returns the catalogue scenario with the given name, or an *UnknownError.
func Find(name string) (Scenario, error) {
	var names []string
	for _, s := range loadCatalogue() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, &UnknownError{Name: name, Suggestion: strictyaml.Nearest(name, names)}
}

// Match returns the catalogue scenarios whose names match pattern, in the syntax of path.Match. It
// returns an error for a malformed pattern.
func Match(pattern string) ([]Scenario, error) {
	var found []Scenario
	for _, s := range loadCatalogue() {
		ok, err := path.Match(pattern, s.Name)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		if ok {
			found = append(found, s)
		}
	}
	return found, nil
}
