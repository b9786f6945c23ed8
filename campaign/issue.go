package campaign

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
)

// ForIssue returns the catalogue scenarios for an issue, sorted by context size and then by name.
// issue is a number, owner/repo#number or a URL.
func ForIssue(issue string) ([]scenarios.Scenario, error) {
	matches, err := issueMatcher(issue)
	if err != nil {
		return nil, err
	}
	var found []scenarios.Scenario
	var numbers []string
	for _, s := range scenarios.Catalogue() {
		if s.Issue == "" {
			continue
		}
		if matches(s.Issue) {
			found = append(found, s)
		}
		_, number, _ := splitIssue(s.Issue)
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	if found == nil {
		return nil, usage("", "no scenario reproduces issue %q%s", issue, DidYouMean(issue, numbers))
	}
	slices.SortStableFunc(found, func(a, b scenarios.Scenario) int { return contextTokens(a) - contextTokens(b) })
	return found, nil
}

func contextTokens(s scenarios.Scenario) int {
	if len(s.Calls) == 0 {
		return 0
	}
	return s.Calls[0].ContextTokens
}

var issueURL = regexp.MustCompile(`^https?://[^/]+/([^/]+/[^/]+)/(?:issues|pull)/(\d+)`)

// splitIssue parses the URL of an issue. ok is false if it is not one.
func splitIssue(url string) (repo, number string, ok bool) {
	m := issueURL.FindStringSubmatch(url)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// issueMatcher returns a function that reports whether a URL is that of the issue. issue is a
// number, owner/repo#number or a URL.
func issueMatcher(issue string) (func(url string) bool, error) {
	wantRepo, wantNumber, ok := splitIssue(issue)
	if !ok {
		wantRepo, wantNumber, ok = strings.Cut(issue, "#")
		if !ok {
			wantRepo, wantNumber = "", issue
		}
	}
	if wantNumber == "" || strings.Trim(wantNumber, "0123456789") != "" {
		return nil, usage("", "%q is not an issue: write a number, owner/repo#number or its URL", issue)
	}
	return func(url string) bool {
		repo, number, ok := splitIssue(url)
		return ok && number == wantNumber &&
			(wantRepo == "" || strings.EqualFold(repo, wantRepo) || strings.HasSuffix(repo, "/"+wantRepo))
	}, nil
}
