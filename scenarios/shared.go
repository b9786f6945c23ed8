package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// Warnings returns what is not wrong with a scenario that Load returned, but probably not meant:
// answers of different providers that share words. It has the positions in the file. It is nil for
// a scenario written in Go.
func (words *Vocabulary) Warnings(s Scenario) strictyaml.Problems {
	if s.Source == "" {
		return nil
	}
	doc, err := strictyaml.ParseFor(words, s.File, []byte(s.Source))
	if err != nil {
		panic(err) // Load has parsed it
	}
	report(doc.Root(), sharedWords(s))
	problems, _ := doc.Err().(strictyaml.Problems) //nolint:errorlint // it is made here
	return problems
}

// sharedWords returns a flaw for each entry with words that are in the answer of an earlier
// provider too. Where each piece of a damaged answer came from could not be told then.
func sharedWords(s Scenario) (found []flaw) {
	owner := map[string]string{}
	for i, p := range s.Providers {
		for k, fault := range p.OnRequest {
			if fault == nil {
				continue
			}
			var shared []string
			var other string
			for _, word := range spoken(fault.Script(), p.Name) {
				switch by, known := owner[word]; {
				case !known:
					owner[word] = p.Name
				case by != p.Name && !slices.Contains(shared, word):
					shared, other = append(shared, word), cmp.Or(other, by)
				}
			}
			if len(shared) > 0 {
				found = append(found, flaw{at: location{"providers", i, "on_request", k}, message: fmt.Sprintf(
					"%q is in the answers of %s and %s, so a damaged answer may be called by the wrong word: give "+
						"each provider words of its own",
					strings.Join(shared[:min(len(shared), mostShared)], " "), other, p.Name)})
			}
		}
	}
	return found
}

// mostShared is how many words a warning quotes.
const mostShared = 5

// spoken returns the words of the text in a script, with those of the scripts within.
func spoken(script fakeprovider.Script, provider string) (all []string) {
	for _, step := range script {
		switch step := step.(type) {
		case fakeprovider.Text:
			for word := range strings.FieldsSeq(cmp.Or(step.Value, fakeprovider.Canary(provider))) {
				if word = strings.TrimFunc(word, unicode.IsPunct); word != "" {
					all = append(all, word)
				}
			}
		case fakeprovider.Repeat:
			all = append(all, spoken(step.Steps, provider)...)
		case fakeprovider.Script:
			all = append(all, spoken(step, provider)...)
		}
	}
	return all
}
