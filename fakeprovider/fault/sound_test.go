package fault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestFaultsAreSound(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		for field, said := range map[string]bool{
			"Title": info.Title != "", "Why": info.Why != "", "Issues": len(info.Issues) > 0,
		} {
			if !said {
				t.Errorf("%s: Info has no %s", info.Name, field)
			}
		}
		for _, problem := range unsound(info.Right) {
			t.Errorf("%s: Right: %s", info.Name, problem)
		}
		for _, issue := range info.Issues {
			if !strings.HasPrefix(issue, "https://github.com/") {
				t.Errorf("%s: %s is no link", info.Name, issue)
			}
		}
		if v, ok := info.Default.(fakeprovider.Validator); ok && v.Validate() != nil {
			t.Errorf("%s: default: %v", info.Name, v.Validate())
		}
		if err := info.Default.Script().Validate(); err != nil {
			t.Errorf("%s: script: %v", info.Name, err)
		}
		got, err := fault.ByName(info.Name)
		if err != nil || got.Title != info.Title {
			t.Errorf("%s is not found by its name: %v", info.Name, err)
		}
	}
}

// unsound says what is wrong with what is said to be right.
func unsound(r fakeprovider.Right) (problems []string) {
	if r.Note == "" {
		problems = append(problems, "Note is empty")
	}
	for _, reaction := range []fakeprovider.Reaction{r.For(true), r.For(false)} {
		if !slices.Contains(fakeprovider.Reactions(), reaction) {
			problems = append(problems, fmt.Sprintf("%q is no reaction", reaction))
		}
	}
	fails := slices.Contains([]fakeprovider.Reaction{r.Reaction, r.Whole}, fakeprovider.FailClearly)
	if fails != (r.Because != "") {
		problems = append(problems, "Because gives the reason of FailClearly, and of nothing else")
	}
	if r.Whole == r.Reaction {
		problems = append(problems, "Whole repeats Reaction")
	}
	return problems
}

func TestUnsoundRights(t *testing.T) {
	t.Parallel()
	for want, right := range map[string]fakeprovider.Right{
		"Note is empty":      {Reaction: fakeprovider.FallBack},
		`"" is no reaction`:  {Note: "x"},
		`"no" is no reactio`: {Note: "x", Reaction: "no"},
		`"on" is no reactio`: {Note: "x", Reaction: fakeprovider.FallBack, Whole: "on"},
		"the reason of":      {Note: "x", Reaction: fakeprovider.FailClearly},
		"of nothing else":    {Note: "x", Reaction: fakeprovider.FallBack, Because: "x"},
		"Whole repeats":      {Note: "x", Reaction: fakeprovider.FallBack, Whole: fakeprovider.FallBack},
	} {
		if got := strings.Join(unsound(right), "; "); !strings.Contains(got, want) {
			t.Errorf("%+v: got %q, want %q", right, got, want)
		}
	}
}
