package scenarios_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// hiccup is a fault that another program defines.
type hiccup struct {
	Times int           `yaml:"times"`
	Every time.Duration `yaml:"every"`
	Mood  string        `yaml:"mood"`
}

func (hiccup) Info() fakeprovider.Info {
	return fakeprovider.Info{Name: "hiccup", Title: "The stream hiccups", Default: hiccup{Times: 3}}
}

func (h hiccup) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Repeat{Times: h.Times, Every: h.Every, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}}},
	}
}

func (hiccup) Words() map[string][]string { return map[string][]string{"mood": {"bad", "worse"}} }

// sigh is a step that another program defines.
type sigh struct {
	Depth int `yaml:"depth"`
}

func (s sigh) Play(context.Context, fakeprovider.Exchange) error { return nil }

// dialect is a protocol that another program defines.
type dialect struct{ protocol.OpenAIChat }

func (dialect) Name() string { return "dialect" }

// calm is an expectation that another program defines. It mentions a provider.
type calm struct {
	Who string `yaml:"who"`
}

func (calm) Name() string         { return "calm" }
func (calm) Title() string        { return "Nothing happens" }
func (calm) Args() map[string]any { return nil }
func (c calm) Mentions() []assertions.Mention {
	return []assertions.Mention{{Argument: "who", Provider: c.Who}}
}
func (calm) Judge(timeline.Timeline) assertions.Finding { return assertions.Finding{} }

func own() *scenarios.Vocabulary {
	words := scenarios.Shipped()
	words.Faults = append(words.Faults, hiccup{}.Info())
	words.Steps = append(words.Steps, scenarios.Verb{Name: "sigh", Step: sigh{}, Main: "depth"})
	words.Protocols = append(words.Protocols, dialect{})
	words.Expectations = append(words.Expectations, calm{})
	return words
}

const ownScenario = `scenario: own
providers:
  - name: primary
    protocol: dialect
    on_request:
      - hiccup: {every: 2s, mood: bad}
      - wrong-wire: {protocol: dialect}
      - script: [sigh: 3]
expect:
  - calm: {who: primary}
`

// Custom faults, steps, protocols and expectations work in files like shipped ones, but only with
// the vocabulary that has them.
func TestAVocabularyOfOnesOwn(t *testing.T) {
	words := own()
	if err := words.Check(); err != nil {
		t.Fatal(err)
	}
	s, err := words.Load("own.yaml", []byte(ownScenario))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Providers[0]
	if got, want := p.OnRequest[0], (hiccup{Times: 3, Every: 2 * time.Second, Mood: "bad"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if script, ok := p.OnRequest[2].(fakeprovider.Script); !ok || script[0] != (sigh{Depth: 3}) {
		t.Errorf("got %+v, want a sigh of 3", p.OnRequest[2])
	}
	if got, want := s.Expect[0].Expectation, (calm{Who: "primary"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := words.Validate(s); err != nil {
		t.Error(err)
	}
	if fault, err := words.ParseFault("hiccup,times=2"); err != nil || fault != (hiccup{Times: 2}) {
		t.Errorf("got %+v, %v", fault, err)
	}
}

// Errors in custom parts read like those of shipped parts. Without the vocabulary the names are
// unknown.
func TestAVocabularyOfOnesOwnIsChecked(t *testing.T) {
	for _, test := range []struct{ from, to, says string }{
		{"mood: bad", "mood: bed", `"bed" (did you mean "bad"?)`},
		{"hiccup:", "hicup:", `(did you mean "hiccup"?)`},
		{"sigh: 3", "sihg: 3", `(did you mean "sigh"?)`},
		{"protocol: dialect\n", "protocol: dialekt\n", `(did you mean "dialect"?)`},
		{"{protocol: dialect}", "{protocol: dialekt}", `(did you mean "dialect"?)`},
		{"- calm", "- clam", `(did you mean "calm"?)`},
		{"who: primary", "who: primry", `(did you mean "primary"?)`},
	} {
		_, err := own().Load("own.yaml", []byte(strings.Replace(ownScenario, test.from, test.to, 1)))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %s", test.to, err, test.says)
		}
	}
	if _, err := scenarios.Load("own.yaml", []byte(ownScenario)); err == nil ||
		!strings.Contains(err.Error(), `unknown fault "hiccup"`) {
		t.Errorf("the shipped vocabulary reads it: %v", err)
	}
}

func TestAVocabularyThatContradictsItself(t *testing.T) {
	words := own()
	words.Faults = append(words.Faults, hiccup{}.Info(), fakeprovider.Info{Name: "No Name"}, fakeprovider.Info{
		Name: "untitled", Default: hiccup{},
	})
	err := words.Check()
	for _, says := range []string{
		`fault "hiccup" stands in the vocabulary twice`, `fault "No Name": a name is made of`,
		`fault "untitled": its Info has no title`,
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}
