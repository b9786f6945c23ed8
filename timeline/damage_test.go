package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/timeline"
)

// The canned answers of two providers share no word. These are as long as a table can show.
const (
	alpha = "one-a two-a three-a four-a"
	beta  = "one-b two-b three-b four-b"
)

// A reply is what one attempt sent, word by word, from a second on, and whether it ended well.
type reply struct {
	lane  string
	at    float64
	text  string
	calls []part
	ended bool
}

// A part is a piece of a tool call, by its number.
type part struct {
	number int
	text   string
}

func (r reply) events() []timeline.Event {
	events := []timeline.Event{at(r.at, r.lane, timeline.RequestReceived, "")}
	for i, word := range strings.SplitAfter(strings.ReplaceAll(r.text, " ", "| "), "|") {
		if word = strings.TrimSuffix(word, "|"); word != "" {
			events = append(events, at(r.at+float64(i)/100, r.lane, timeline.TextSent, word))
		}
	}
	for _, p := range r.calls {
		events = append(events, numbered(at(r.at+0.5, r.lane, timeline.ToolCallSent, p.text), p.number))
	}
	if r.ended {
		events = append(events, at(r.at+0.6+float64(len(r.text))/100, r.lane, timeline.FinishSent, "stop"))
	}
	return events
}

func numbered(e timeline.Event, number int) timeline.Event {
	e.Part = number
	return e
}

// A got is what is received at a second: text, pieces of tool calls, or the restart marker.
type got struct {
	at    float64
	text  string
	parts []part
}

func (g got) events() []timeline.Event {
	if g.text == restart {
		return []timeline.Event{at(g.at, client, timeline.RestartReceived, "")}
	}
	var events []timeline.Event
	if g.text != "" {
		events = append(events, at(g.at, client, timeline.TextReceived, g.text))
	}
	for _, p := range g.parts {
		events = append(events, numbered(at(g.at, client, timeline.ToolCallReceived, p.text), p.number))
	}
	return events
}

const restart = "RESTART"

// a1, a2 and b1 are the attempts of the table: two at one provider, one at the other.
func a1(text string, ended bool) reply { return reply{lane: first, at: 1, text: text, ended: ended} }

func b1(text string, ended bool) reply { return reply{lane: second, at: 5, text: text, ended: ended} }

func a2(text string, ended bool) reply {
	return reply{lane: timeline.ProviderLane("primary", 1, 2), at: 3, text: text, ended: ended}
}

func calling(r reply, calls ...part) reply {
	r.calls = calls
	return r
}

func texts(pieces ...string) (all []got) {
	for _, p := range pieces {
		all = append(all, got{at: 9, text: p})
	}
	return all
}

func tools(parts ...part) []got { return []got{{at: 9, parts: parts}} }

// damage is the table: what was sent, what the caller holds of it, the word, and whose the pieces
// are.
var damage = []struct {
	name string
	sent []reply
	got  []got
	want timeline.Outcome
	from string
	// sources are the pieces, "#" and the request behind the provider, "-" for nobody.
	sources string
}{
	{"whole", []reply{a1(alpha, true)}, texts(alpha), timeline.Answered, "primary", "primary#1 " + alpha},
	{
		"cut between words",
		[]reply{a1(alpha, true)},
		texts("one-a", " two-a"), timeline.Truncated, "primary",
		"primary#1 one-a two-a",
	},
	{
		"cut within a word",
		[]reply{a1(alpha, true)},
		texts("one-a", " tw"), timeline.Truncated, "primary",
		"primary#1 one-a tw",
	},
	{
		"all of one that did not end",
		[]reply{a1(alpha, false)},
		texts(alpha), timeline.Truncated, "primary",
		"primary#1 " + alpha,
	},
	{
		"its beginning is lost",
		[]reply{a1(alpha, true)},
		texts("three-a four-a"), timeline.Truncated, "primary",
		"primary#1 three-a four-a",
	},
	{
		"a word is lost",
		[]reply{a1(alpha, true)},
		texts("one-a", " three-a", " four-a"), timeline.Truncated,
		"primary", "primary#1 one-a| three-a four-a",
	},
	{
		"two words are lost",
		[]reply{a1(alpha, true)},
		texts("one-a three-a"), timeline.Truncated, "primary",
		"primary#1 one-a| three-a",
	},
	{
		"cut by the first, whole by the second",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts(restart, "one-b"), timeline.Truncated, "secondary", "secondary#1 one-b",
	},

	{
		"a word twice",
		[]reply{a1(alpha, true)},
		texts("one-a", " two-a", " two-a", " three-a", " four-a"),
		timeline.Duplicated, "primary", "primary#1 one-a two-a| two-a three-a four-a",
	},
	{
		"the first word twice",
		[]reply{a1(alpha, true)},
		texts("one-a", alpha), timeline.Duplicated, "primary",
		"primary#1 one-a|" + alpha,
	},
	{
		"the last word twice",
		[]reply{a1(alpha, true)},
		texts(alpha, " four-a"), timeline.Duplicated, "primary",
		"primary#1 " + alpha + "| four-a",
	},
	{
		"all of it twice",
		[]reply{a1(alpha, true)},
		texts(alpha, alpha), timeline.Duplicated, "primary",
		"primary#1 " + alpha + "|" + alpha,
	},
	{
		"a piece twice in one delivery",
		[]reply{a1(alpha, true)},
		texts("one-a two-a two-a three-a four-a"),
		timeline.Duplicated, "primary", "primary#1 one-a two-a| two-a three-a four-a",
	},
	{
		"twice and cut",
		[]reply{a1(alpha, true)},
		texts("one-a two-a", "one-a two-a"), timeline.Duplicated, "primary",
		"primary#1 one-a two-a|one-a two-a",
	},
	{
		"asked again, not told",
		[]reply{a1("one-a two-a", false), a2(alpha, true)},
		[]got{{at: 2, text: "one-a two-a"}, {at: 4, text: alpha}},
		timeline.Duplicated, "primary",
		"primary#1 one-a two-a|primary#2 " + alpha,
	},
	{
		"asked again, not told, handed on at the end",
		[]reply{a1("one-a two-a", false), a2(alpha, true)},
		texts("one-a two-a" + alpha), timeline.Duplicated, "primary", "primary#1 one-a two-a|primary#2 " + alpha,
	},
	{
		"asked again and told",
		[]reply{a1("one-a two-a", false), a2(alpha, true)},
		texts("one-a", restart, alpha),
		timeline.Answered, "primary", "primary#2 " + alpha,
	},
	{
		"asked again and joined where it broke off",
		[]reply{a1("one-a two-a", false), a2(alpha, true)},
		texts("one-a two-a", " three-a four-a"), timeline.Answered, "primary", "primary#2 " + alpha,
	},

	{
		"neighbours swapped",
		[]reply{a1(alpha, true)},
		texts("one-a", " three-a", " two-a", " four-a"),
		timeline.Reordered, "primary", "primary#1 one-a| three-a| two-a| four-a",
	},
	{
		"the end first",
		[]reply{a1(alpha, true)},
		texts(" three-a four-a", "one-a two-a"), timeline.Reordered,
		"primary", "primary#1  three-a four-a|one-a two-a",
	},
	{
		"backwards",
		[]reply{a1(alpha, true)},
		texts(" four-a", " three-a", " two-a", "one-a"), timeline.Reordered,
		"primary", "primary#1  four-a| three-a| two-a|one-a",
	},
	{
		"swapped in one delivery",
		[]reply{a1(alpha, true)},
		texts("one-a three-a two-a four-a"), timeline.Reordered,
		"primary", "primary#1 one-a| three-a| two-a| four-a",
	},
	{
		"swapped, and one lost",
		[]reply{a1(alpha, true)},
		texts(" three-a", "one-a"), timeline.Reordered, "primary",
		"primary#1  three-a|one-a",
	},

	{
		"joined from two",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", beta),
		timeline.Spliced, "", "primary#1 one-a two-a|secondary#1 " + beta,
	},
	{
		"joined from two, both whole",
		[]reply{a1(alpha, true), b1(beta, true)},
		texts(alpha, beta), timeline.Spliced,
		"", "primary#1 " + alpha + "|secondary#1 " + beta,
	},
	{
		"joined from two, cut",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", "one-b two-b"),
		timeline.Spliced, "", "primary#1 one-a two-a|secondary#1 one-b two-b",
	},
	{
		"joined from three",
		[]reply{a1("one-a", false), a2("other words", false), b1(beta, true)},
		texts("one-a", "other words", beta), timeline.Spliced, "",
		"primary#1 one-a|primary#2 other words|secondary#1 " + beta,
	},
	{
		"continued by another",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", " three-b four-b"), timeline.Spliced, "",
		"primary#1 one-a two-a|secondary#1  three-b four-b",
	},
	{
		"woven",
		[]reply{a1(alpha, true), b1(beta, true)},
		texts("one-a", "one-b", " two-a", " two-b"),
		timeline.Spliced, "", "primary#1 one-a|secondary#1 one-b|primary#1  two-a|secondary#1  two-b",
	},
	{
		"cut within a word, then another",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a tw", beta),
		timeline.Spliced, "", "primary#1 one-a tw|secondary#1 " + beta,
	},
	{
		"twice, then another",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", "one-a two-a", beta), timeline.Spliced, "",
		"primary#1 one-a two-a|one-a two-a|secondary#1 " + beta,
	},

	{
		"a message of the engine behind a part",
		[]reply{a1("one-a two-a", false)},
		texts("one-a two-a", "\n[stream error: EOF]"), timeline.Altered, "primary",
		"primary#1 one-a two-a|- \n[stream error: EOF]",
	},
	{
		"a message of the engine alone",
		[]reply{a1("", false)},
		texts("Sorry, try again."), timeline.Altered, "",
		"- Sorry, try again.",
	},
	{
		"a word replaced",
		[]reply{a1(alpha, true)},
		texts("one-a two-a THREE four-a"), timeline.Altered, "primary",
		"primary#1 one-a two-a |- THREE|primary#1  four-a",
	},
	{
		"an empty line behind it",
		[]reply{a1(alpha, true)},
		texts(alpha, "\n\n"), timeline.Altered, "primary",
		"primary#1 " + alpha + "|- \n\n",
	},
	{
		"an empty line in one that is cut",
		[]reply{a1(alpha, true)},
		texts("one-a two-a", "\n"), timeline.Truncated,
		"primary", "primary#1 one-a two-a|- \n",
	},
	{
		"another answer in a new line",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", "\n", beta), timeline.Spliced, "", "primary#1 one-a two-a|- \n|secondary#1 " + beta,
	},
	{
		"what came behind the end",
		[]reply{a1(alpha, true)},
		texts(alpha, " you?"), timeline.Altered, "primary",
		"primary#1 " + alpha + "|-  you?",
	},
	{
		"a message between two answers",
		[]reply{a1("one-a two-a", false), b1(beta, true)},
		texts("one-a two-a", "\n[trying another]\n", beta), timeline.Spliced, "",
		"primary#1 one-a two-a|- \n[trying another]\n|secondary#1 " + beta,
	},

	{
		"a call",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"x": 1}`})},
		tools(part{1, `f{"x":1}`}),
		timeline.Answered, "primary", `primary#1 f{"x":1}`,
	},
	{
		"calls whose pieces alternate",
		[]reply{calling(a1("", true), part{1, "f"}, part{2, "g"}, part{1, `{"x": 1}`}, part{2, `{}`})},
		tools(part{1, "f"}, part{2, "g"}, part{2, `{}`}, part{1, `{"x": 1}`}), timeline.Answered, "primary",
		`primary#1 f{"x":1}g{}`,
	},
	{
		"calls by other numbers",
		[]reply{calling(a1("", true), part{1, "f{}"}, part{2, "g{}"})},
		tools(part{2, "f{}"}, part{5, "g{}"}), timeline.Answered, "primary", `primary#1 f{}g{}`,
	},
	{
		"a call cut",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"x": 1}`})},
		tools(part{1, `f{"x"`}),
		timeline.Truncated, "primary", `primary#1 f{"x"`,
	},
	{
		"a call that broke off, handed on",
		[]reply{calling(a1("", false), part{1, "f"}, part{1, `{"x": `})},
		tools(part{1, `f{"x": `}), timeline.Truncated, "primary", `primary#1 f{"x":`,
	},
	{
		"a number that lost its last digit",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"id": 9007199254740993}`})},
		tools(part{1, `f{"id": 9007199254740992}`}), timeline.Altered, "primary",
		`primary#1 f{"id":900719925474099|- 2}`,
	},
	{
		"a number in another form",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"n": 1e2}`})},
		tools(part{1, `f{"n":100.0}`}), timeline.Answered, "primary", `primary#1 f{"n":1e2}`,
	},
	{
		"a call that is no JSON",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"x": y}`})},
		tools(part{1, `f{"x": y}`}), timeline.Invalid, "primary", `primary#1 f{"x":y}`,
	},
	{
		"half a call that was said to be whole",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"x": "Fra`})},
		tools(part{1, `f{"x": "Fra`}), timeline.Invalid, "primary", `primary#1 f{"x":"Fra`,
	},
	{
		"half a call, repaired",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"x": "Fra`})},
		tools(part{1, `f{"x": "Fra"}`}), timeline.Altered, "primary", `primary#1 f{"x":"Fra|- "}`,
	},
	{
		"a call with other arguments",
		[]reply{calling(a1("", true), part{1, "f"}, part{1, `{"city": "Paris"}`})},
		tools(part{1, `f{"city": "Lyon!"}`}), timeline.Altered, "primary", `primary#1 f{"city":"|- Lyon!"}`,
	},
	{
		"a call twice",
		[]reply{calling(a1("", true), part{1, `f{"x":1}`})},
		tools(part{1, `f{"x":1}`}, part{2, `f{"x":1}`}), timeline.Duplicated, "primary", `primary#1 f{"x":1}|f{"x":1}`,
	},
	{
		"a call lost",
		[]reply{calling(a1("", true), part{1, `f{"x":1}`}, part{2, `g{}`})},
		tools(part{1, `g{}`}),
		timeline.Truncated, "primary", `primary#1 g{}`,
	},
	{
		"a call lost behind its text",
		[]reply{calling(a1(alpha, true), part{1, `f{"x":1}`})},
		texts(alpha),
		timeline.Truncated, "primary", `primary#1 ` + alpha,
	},
	{
		"calls in the other order",
		[]reply{calling(a1("", true), part{1, `f{"x":1}`}, part{2, `g{}`})},
		tools(part{0, `g{}f{"x":1}`}), timeline.Reordered, "primary", `primary#1 g{}|f{"x":1}`,
	},
	{
		"calls of two providers",
		[]reply{calling(a1("", false), part{1, `look{"x":1}`}), calling(b1("", true), part{1, `see{"y":2}`})},
		tools(part{1, `look{"x":1}`}, part{2, `see{"y":2}`}), timeline.Spliced, "",
		`primary#1 look{"x":1}|secondary#1 see{"y":2}`,
	},
	{
		"the text of one, the call of another",
		[]reply{a1("one-a two-a", false), calling(b1("", true), part{1, `see{"y":2}`})},
		append(texts("one-a two-a"), tools(part{1, `see{"y":2}`})...), timeline.Spliced, "",
		`primary#1 one-a two-a|secondary#1 see{"y":2}`,
	},

	// Scenarios of users may share words: then time decides, and where an attempt broke off.
	{
		"shared words, handed on at once",
		[]reply{a1("hello from", false), b1("hello from there", true)},
		[]got{{at: 2, text: "hello from"}, {at: 9, text: "hello from there"}},
		timeline.Spliced, "",
		"primary#1 hello from|secondary#1 hello from there",
	},
	{
		"shared words, handed on at the end",
		[]reply{a1("hello from", false), b1("hello from there", true)},
		texts("hello from" + "hello from there"), timeline.Spliced, "",
		"primary#1 hello from|secondary#1 hello from there",
	},
	{
		"shared words, cut before the second was asked",
		[]reply{a1("hello from here", true), b1("hello from there", false)},
		[]got{{at: 2, text: "hello from"}},
		timeline.Truncated, "primary", "primary#1 hello from",
	},
	{
		"shared words, a word of the first twice",
		[]reply{a1("hello from here", true), b1("hello from there", false)},
		[]got{{at: 2, text: "hello from from here"}},
		timeline.Duplicated, "primary", "primary#1 hello from| from here",
	},
	{
		"one text for all, half and whole",
		[]reply{a1("hello", false), b1("hello you", true)},
		[]got{{at: 9, text: "hello you"}},
		timeline.Answered, "secondary", "secondary#1 hello you",
	},
}

// Each damaged answer gets the word for its damage, and each of its pieces the attempt that sent
// it.
func TestDamage(t *testing.T) {
	for _, row := range damage {
		t.Run(row.name, func(t *testing.T) {
			events := []timeline.Event{at(0, client, timeline.CallStarted, "")}
			for _, r := range row.sent {
				events = append(events, r.events()...)
			}
			for _, g := range row.got {
				events = append(events, g.events()...)
			}
			tl := run(append(events, at(10, client, timeline.CallAnswered, ""))...)
			outcome, from := tl.Outcome(1)
			if outcome != row.want || from != row.from {
				t.Errorf("it is %s of %q, want %s of %q", outcome, from, row.want, row.from)
			}
			if sources := shown(tl.Sources(1)); sources != row.sources {
				t.Errorf("it consists of\n%q, want\n%q", sources, row.sources)
			}
		})
	}
}

// shown writes sources as the table has them: the attempt only where it changes.
func shown(sources []timeline.Source) string {
	var all []string
	last := ""
	for _, s := range sources {
		who := "- "
		if s.Provider != "" {
			who = fmt.Sprintf("%s#%d ", s.Provider, s.Attempt)
		}
		if who == last {
			who = ""
		} else {
			last = who
		}
		all = append(all, who+s.Text)
	}
	return strings.Join(all, "|")
}

// Whatever pieces of two answers are put together, the word is the one that a look at the words
// gives.
func TestDamageOfAnySort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answers := [2][]string{
			strings.Fields(alpha + " five-a six-a seven-a"), strings.Fields(beta + " five-b six-b seven-b"),
		}
		var pieces []string
		var taken []int
		sources := map[int]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "pieces") {
			source := rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "source")
			from := rapid.IntRange(0, 6).Draw(t, "from")
			to := rapid.IntRange(from+1, 7).Draw(t, "to")
			sources[source] = true
			for i := from; i < to; i++ {
				pieces, taken = append(pieces, answers[source][i]), append(taken, 10*source+i)
			}
		}
		want := timeline.Truncated
		sorted := slices.Sorted(slices.Values(taken))
		switch {
		case len(sources) > 1:
			want = timeline.Spliced
		case len(slices.Compact(slices.Clone(sorted))) < len(taken):
			want = timeline.Duplicated
		case !slices.IsSorted(taken):
			want = timeline.Reordered
		case len(taken) == 7:
			want = timeline.Answered
		}
		events := append(a1(strings.Join(answers[0], " "), true).events(),
			b1(strings.Join(answers[1], " "), true).events()...)
		events = append(events, at(0, client, timeline.CallStarted, ""),
			at(9, client, timeline.TextReceived, strings.Join(pieces, " ")), at(10, client, timeline.CallAnswered, ""))
		if outcome, _ := run(events...).Outcome(1); outcome != want {
			t.Fatalf("%q is %s, want %s: %v", pieces, outcome, want, run(events...).Sources(1))
		}
	})
}

// A long answer is compared word by word, so that no run is held up by its judgement.
func TestDamageOfALongAnswer(t *testing.T) {
	words := make([]string, 7200)
	for i := range words {
		words[i] = fmt.Sprintf("word-%d-of-a", i)
	}
	long := strings.Join(words, " ")
	began := time.Now()
	for want, text := range map[timeline.Outcome]string{
		timeline.Truncated:  strings.Join(append(slices.Clone(words[:4000]), words[4001:]...), " "),
		timeline.Duplicated: strings.Join(append(slices.Clone(words[:4000]), words[3990:]...), " "),
		timeline.Reordered: strings.Join(slices.Concat(words[:4000], words[4010:4020], words[4000:4010], words[4020:]),
			" "),
		timeline.Spliced: strings.Join(words[:4000], " ") + beta,
	} {
		tl := run(slices.Concat([]timeline.Event{at(0, client, timeline.CallStarted, "")}, a1(long, true).events(),
			b1(beta, true).events(),
			[]timeline.Event{
				at(99, client, timeline.TextReceived, text), at(99, client, timeline.CallAnswered, ""),
			})...)
		if outcome, _ := tl.Outcome(1); outcome != want {
			t.Errorf("%s, want %s", outcome, want)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	t.Logf("it took %s", time.Since(began))
}
