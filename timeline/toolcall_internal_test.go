package timeline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// calls makes tool calls of pieces that came one a second.
func calls(pieces ...Event) (c toolCalls) {
	for i, e := range pieces {
		e.At = time.Duration(i+1) * time.Second
		c.add(e)
	}
	return c
}

func TestToolCalls(t *testing.T) {
	s := time.Second
	for _, tt := range []struct {
		name  string
		calls toolCalls
		text  string
		want  []calledTool
	}{
		{"none", nil, "", nil},
		{
			"numbers decide",
			calls(Event{Part: 2, Text: "g"}, Event{Part: 1, Text: `f{"a"`}, Event{Part: 2, Text: "{}"}, Event{
				Part: 1, Text: ":1}",
			}),
			`f{"a":1}g{}`,
			[]calledTool{
				{form: `f{"a":1}`, whole: true, first: 2 * s, last: 4 * s},
				{form: "g{}", whole: true, first: s, last: 3 * s},
			},
		},
		{
			"several without numbers", calls(Event{Text: `f{"a": {}} g`}, Event{Text: `{"b":[1, 2]}`}),
			`f{"a": {}} g{"b":[1, 2]}`,
			[]calledTool{
				{form: `f{"a":{}}`, whole: true, first: s, last: 2 * s},
				{form: ` g{"b":[1,2]}`, whole: true, first: s, last: 2 * s},
			},
		},
		{"a name alone", calls(Event{Text: "look"}), "look", []calledTool{{form: "look", first: s, last: s}}},
		{
			"arguments without a name", calls(Event{Text: "{}"}), "{}",
			[]calledTool{{form: "{}", whole: true, first: s, last: s}},
		},
		{
			"unfinished", calls(Event{Text: `f{"a b" : "c  d`}), `f{"a b" : "c  d`,
			[]calledTool{{form: `f{"a b":"c  d`, first: s, last: s}},
		},
		{
			"an open list", calls(Event{Text: `f{"a" : [ 1 ,`}), `f{"a" : [ 1 ,`,
			[]calledTool{{form: `f{"a":[1,`, first: s, last: s}},
		},
		{
			"the order of keys", calls(Event{Text: `f{"b":1,"a":2.0}`}), `f{"b":1,"a":2.0}`,
			[]calledTool{{form: `f{"a":2,"b":1}`, whole: true, first: s, last: s}},
		},
		{
			"what is no call behind one", calls(Event{Text: `f{}x`}), `f{}x`,
			[]calledTool{{form: `f{}`, whole: true, first: s, last: s}, {form: "x", first: s, last: s}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.calls.String(); got != tt.text {
				t.Errorf("got %q, want %q", got, tt.text)
			}
			diff := cmp.Diff(tt.calls.list(), tt.want, cmp.AllowUnexported(calledTool{}), cmpopts.EquateEmpty())
			if diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// White space counts within strings alone, and a quote behind a backslash ends none.
func TestSqueezedJSON(t *testing.T) {
	for text, want := range map[string]string{
		` { "a" : 1 , ` + "\t\r\n" + `"b c" : " d " }`: `{"a":1,"b c":" d "}`,
		`"a \" b" : "c"  d`:                            `"a \" b":"c"d`,
		`"a \\" : "b`:                                  `"a \\":"b`,
		`\ " a`:                                        `\" a`,
		`"a \\\" b" c`:                                 `"a \\\" b"c`,
		`"\n \t" x`:                                    `"\n \t"x`,
		"":                                             "",
	} {
		if got := squeezedJSON(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

// Numbers are equal by value at any depth, and in their shortest form.
func TestSameNumbers(t *testing.T) {
	number := func(s string) any { return json.Number(s) }
	got := sameNumbers(map[string]any{
		"a": []any{number("1.0"), []any{number("1e1"), "1.0", true, nil}}, "b": map[string]any{"c": number("-0")},
	})
	want := map[string]any{
		"a": []any{number("1"), []any{number("1e1"), "1.0", true, nil}}, "b": map[string]any{"c": number("0")},
	}
	if diff := cmp.Diff(got, any(want)); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for n, want := range map[json.Number]json.Number{
		"e5": "0", "0": "0", "120": "12e1", "0.012": "12e-3", "-1.20E2": "-12e1", "5e": "5e", "1.5e1": "15",
	} {
		if got := sameNumber(n); got != want {
			t.Errorf("%s becomes %s, want %s", n, got, want)
		}
	}
}

// A piece without text is none.
func TestPieces(t *testing.T) {
	var p pieces
	p.add("ab", 1)
	p.add("", 2)
	p.add("c", 3)
	diff := cmp.Diff(p, pieces{text: []byte("abc"), ends: []int{2, 3}, at: []time.Duration{1, 3}},
		cmp.AllowUnexported(pieces{}))
	if diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
