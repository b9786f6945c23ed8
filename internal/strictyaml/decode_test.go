package strictyaml_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// level reads itself as text.
type level int

func (l *level) UnmarshalText(text []byte) error {
	*l = level(len(text))
	return nil
}

// pair reads itself from a list of two.
type pair struct{ A, B int }

func (p *pair) DecodeYAML(n *strictyaml.Node) {
	items := n.Items()
	if len(items) != 2 {
		n.Report("a pair has two numbers")
		return
	}
	p.A, _ = items[0].Int()
	p.B, _ = items[1].Int()
}

type inner struct {
	Name string         `yaml:"name"`
	Wait time.Duration  `yaml:"wait"`
	Max  *int           `yaml:"max"`
	Ages map[string]int `yaml:"ages"`
}

type outer struct {
	Text     string        `yaml:"text"`
	On       bool          `yaml:"on_time"`
	Factor   float64       `yaml:"factor"`
	Small    int8          `yaml:"small"`
	Count    uint16        `yaml:"count"`
	Level    level         `yaml:"level"`
	Pair     pair          `yaml:"pair"`
	Inner    inner         `yaml:"inner"`
	More     []inner       `yaml:"more"`
	Deadline time.Duration `yaml:"deadline"`
	Hidden   string
	Dropped  string `yaml:"-"`
}

func parse(t *testing.T, text string) *strictyaml.Document {
	t.Helper()
	doc, err := strictyaml.Parse("file.yaml", []byte(text))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return doc
}

func TestDecode(t *testing.T) {
	doc := parse(t, `
text: a text   # with a comment
on_time: true
factor: 1.5
small: -7
count: 65_535
level: high
pair: [1, 2]
inner: {name: x, wait: 5m1s, max: 3, ages: {a: 1, b: 2}}
more:
  - name: "quoted: yes"
  - wait: 400ms
`)
	got := outer{Deadline: time.Minute, Inner: inner{Name: "default"}}
	if !doc.Root().Decode(&got) || doc.Err() != nil {
		t.Fatalf("decode: %v", doc.Err())
	}
	three := 3
	want := outer{
		Text: "a text", On: true, Factor: 1.5, Small: -7, Count: 65535, Level: 4, Pair: pair{1, 2},
		Inner:    inner{Name: "x", Wait: 301 * time.Second, Max: &three, Ages: map[string]int{"a": 1, "b": 2}},
		More:     []inner{{Name: "quoted: yes"}, {Wait: 400 * time.Millisecond}},
		Deadline: time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDecodeKeepsDefaultsAndDoesNotWriteThroughPointers(t *testing.T) {
	shared := inner{Name: "shared", Wait: time.Second}
	got := struct {
		Inner *inner `yaml:"inner"`
	}{Inner: &shared}
	doc := parse(t, "inner: {wait: 2s}")
	if !doc.Root().Decode(&got) {
		t.Fatal(doc.Err())
	}
	if got.Inner.Name != "shared" || got.Inner.Wait != 2*time.Second || shared.Wait != time.Second {
		t.Errorf("got %+v, and the default became %+v", *got.Inner, shared)
	}
}

func TestStringTakesNumbersAsWritten(t *testing.T) {
	for _, text := range []string{"30", "1.50", "true", "0x1F", "007", "1_000"} {
		if got, ok := parse(t, "v: "+text).Root().FieldNode("v").String(); got != text || !ok {
			t.Errorf("%s reads as %q, %v", text, got, ok)
		}
	}
}

func TestPositionsSurvive(t *testing.T) {
	doc := parse(t, "a: 1\nb:\n  - x: ü\n    y: [1, two]\n")
	item := doc.Root().FieldNode("b").Items()[0]
	if item.Line() != 3 || item.Column() != 5 {
		t.Errorf("the item stands at %d:%d", item.Line(), item.Column())
	}
	two := item.FieldNode("y").Items()[1]
	if two.Line() != 4 || two.Column() != 12 {
		t.Errorf("two stands at %d:%d", two.Line(), two.Column())
	}
	if missing := item.FieldNode("z"); missing != item {
		t.Error("what is missing is not reported at its parent")
	}
}

func TestDecodeTellsWhetherItReported(t *testing.T) {
	doc := parse(t, "a: x\n")
	n := doc.Root().FieldNode("a")
	for range 2 { // the second report is kept once, and is a report still
		var i int
		if n.Decode(&i) {
			t.Error("decode said that nothing was wrong")
		}
	}
	if got := strings.Count(doc.Err().Error(), "whole number"); got != 1 {
		t.Errorf("reported %d times", got)
	}
}

func TestDecodePanicsForProgrammers(t *testing.T) {
	for name, v := range map[string]any{
		"no pointer":      outer{},
		"nil":             (*outer)(nil),
		"unknown type":    new(chan int),
		"numbers as keys": new(map[int]string),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			parse(t, "a: 1").Root().Decode(v)
		})
	}
}

func TestReportedCoversWhatIsInside(t *testing.T) {
	doc := parse(t, "a: {b: [1, x]}\nc: 2\n")
	var v struct {
		A map[string][]int `yaml:"a"`
		C int              `yaml:"c"`
	}
	doc.Root().Decode(&v)
	if a := doc.Root().FieldNode("a"); !doc.Root().Reported() || !a.Reported() ||
		!a.FieldNode("b").Items()[1].Reported() {
		t.Error("a problem is not known to what holds it")
	}
	if c := doc.Root().FieldNode("c"); c.Reported() || doc.Root().FieldNode("a").FieldNode("b").Items()[0].Reported() {
		t.Error("a problem is said of its neighbours")
	}
}

func TestAtPointsIntoTexts(t *testing.T) {
	root := parse(t, "a: \"x {{one}} and {{two}}\"\nb: |\n  first\n    {{two}}\n").Root()
	for field, want := range map[string][2]int{"a": {1, 19}, "b": {4, 5}} {
		if at := root.FieldNode(field).At("{{two}}"); at.Line() != want[0] || at.Column() != want[1] {
			t.Errorf("%s: got %d:%d, want %v", field, at.Line(), at.Column(), want)
		}
	}
	if at := root.FieldNode("a").At("{{three}}"); at.Line() != 1 || at.Column() != 4 {
		t.Errorf("a part that is written in another way is at %d:%d", at.Line(), at.Column())
	}
	root.FieldNode("b").At("{{two}}").Report("no")
	if !root.FieldNode("b").Reported() || root.FieldNode("a").Reported() {
		t.Error("the problem is not known to the node")
	}
}

// words is a list that may be written as one text.
type words []string

func (w *words) UnmarshalText(text []byte) error {
	*w = words{string(text)}
	return nil
}

func TestAListMayBeOneText(t *testing.T) {
	for text, want := range map[string]words{
		"words: one": {"one"}, "words: [one, two]": {"one", "two"}, "words: []": {},
	} {
		var got struct {
			Words words `yaml:"words"`
		}
		if doc := parse(t, text); !doc.Root().Decode(&got) {
			t.Errorf("%s: %v", text, doc.Err())
		}
		if diff := cmp.Diff(want, got.Words); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
	var got struct {
		Words words `yaml:"words"`
	}
	if doc := parse(t, "words: {a: b}"); doc.Root().Decode(&got) {
		t.Error("a mapping is taken for a list")
	}
}

func TestTake(t *testing.T) {
	root := parse(t, "a: 1\nb: 2").Root()
	if _, ok := root.Take("c"); ok {
		t.Error("it took what is not there")
	}
	f, ok := root.Take("a")
	if n, _ := f.Value.Int(); !ok || n != 1 || root.Kind() != strictyaml.Mapping || len(root.Fields()) != 1 {
		t.Errorf("took %d, and left %v with %d fields", n, root.Kind(), len(root.Fields()))
	}
	if _, ok := root.Take("b"); !ok || root.Kind() != strictyaml.Null {
		t.Errorf("the mapping without entries is %v", root.Kind())
	}
}
