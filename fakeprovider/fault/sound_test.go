package fault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
	problems = append(problems, unadvised(r)...)
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

// adviceRunes is the maximum length of an advice, so that it fits into one line of a report.
const adviceRunes = 100

// imperatives are the verbs that a note begins with. Add yours, if it is one.
const imperatives = " Accept Ask Back Be Bound Continue Count Decide Deliver Do End Ignore Leave Let Look Lose Name " +
	"Obey Read Report Retry Return Send Set Skip Take Tell Treat Use Wait "

// unadvised says what is wrong with a note as an advice.
func unadvised(r fakeprovider.Right) (problems []string) {
	verb, rest, _ := strings.Cut(r.Note, " ")
	switch {
	case r.Note == "":
		return []string{"Note is empty"}
	case !strings.Contains(imperatives, " "+verb+" "):
		problems = append(problems, fmt.Sprintf("Note begins with %q, which is no verb that tells what to do", verb))
	case r.Advice() != strings.ToLower(verb)+" "+strings.TrimSuffix(rest, "."):
		problems = append(problems, "Advice is "+r.Advice())
	}
	if !strings.HasSuffix(r.Note, ".") || strings.Contains(r.Note, ". ") {
		problems = append(problems, "Note is no single sentence")
	}
	if n := utf8.RuneCountInString(r.Advice()); n > adviceRunes {
		problems = append(problems, fmt.Sprintf("Note is too long for a line: %d characters, limit %d", n, adviceRunes))
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
		"begins with \"An\"": {Note: "An error."},
		"no single sentence": {Note: "Ask the next provider. Wait."},
		"too long":           {Note: "Ask " + strings.Repeat("x", adviceRunes) + "."},
		"Whole repeats":      {Note: "x", Reaction: fakeprovider.FallBack, Whole: fakeprovider.FallBack},
	} {
		if got := strings.Join(unsound(right), "; "); !strings.Contains(got, want) {
			t.Errorf("%+v: got %q, want %q", right, got, want)
		}
	}
}
