package scenarios_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
)

func TestWarningsAboutSharedWords(t *testing.T) {
	t.Parallel()
	const head = "scenario: mine\nproviders:\n  - name: primary\n    on_request:\n      - "
	const middle = "\n  - name: secondary\n    on_request:\n      - healthy\n      - "
	const tail = "\nexpect: [no_leaks]\n"
	for _, tt := range []struct{ name, primary, secondary, want string }{
		{"words of their own", "healthy: {text: hello from here}", "healthy: {text: good day}", ""},
		{"the canned answers", "mid-stream-drop", "healthy", ""},
		{
			"one word", "healthy: {text: hello from here}", "healthy: {text: greetings from there}",
			`mine.yaml:9:9: "from" is in the answers of primary and secondary`,
		},
		{
			"beside punctuation", "healthy: {text: 'hello, you'}", "healthy: {text: hello}",
			`mine.yaml:9:9: "hello" is in`,
		},
		{
			"a part that is repeated",
			"script: [{repeat: {every: 1s, times: 2, steps: [{text: tick}]}}, {finish: stop}]", "healthy: {text: tick}",
			`mine.yaml:9:9: "tick" is in`,
		},
		{"another case is another word", "healthy: {text: Hello}", "healthy: {text: hello}", ""},
		{
			"many are cut", "healthy: {text: a b c d e f g}", "healthy: {text: g f e d c b a}",
			`mine.yaml:9:9: "g f e d c" is in`,
		},
	} {
		s, err := scenarios.Load("mine.yaml", []byte(head+tt.primary+middle+tt.secondary+tail))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := scenarios.Shipped().Warnings(s)
		switch {
		case tt.want == "" && got != nil,
			tt.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].String(), tt.want)):
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNoScenarioOfTheCatalogueHasWarnings(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios.Catalogue() {
		if w := scenarios.Shipped().Warnings(s); w != nil {
			t.Errorf("%s", w)
		}
	}
}
