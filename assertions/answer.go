package assertions

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Answer expects what every caller got in the end. With From it expects that provider's whole
// text, exactly once.
type Answer struct {
	// From is the provider whose answer is expected. Default: any provider, or none if the
	// outcome is not an answer.
	From string `yaml:"from"`
	// Outcome is the outcome expected, or a list of those allowed: [answered, failed] allows a
	// clear error as well. Default "answered".
	Outcome Outcomes `yaml:"outcome"`
	// Restarts is the exact number of restart markers expected. Default: no more than answers that
	// had begun.
	Restarts *int `yaml:"restarts"`
	// Within bounds the time from the end of the call's last request (ended, cut, reset or
	// closed) to the call's end: how long the caller waited with no request under way. 0 is no
	// bound.
	Within time.Duration `yaml:"within"`
	// Call is the number of the call that is judged, from 1. 0 judges every call.
	Call int `yaml:"call"`
}

var _ Seeing = Answer{}

// Outcomes are the names of outcomes that are allowed. None means "answered" alone.
type Outcomes []string

var _ encoding.TextUnmarshaler = (*Outcomes)(nil)

// UnmarshalText sets a single outcome, which files write without a list. Answer.Validate checks it.
func (o *Outcomes) UnmarshalText(text []byte) error {
	*o = Outcomes{string(text)}
	return nil
}

// list returns the outcomes, which Validate has read.
func (o Outcomes) list() []timeline.Outcome {
	if len(o) == 0 {
		return []timeline.Outcome{timeline.Answered}
	}
	all := make([]timeline.Outcome, len(o))
	for i, name := range o {
		_ = all[i].UnmarshalText([]byte(name)) // Validate reports the error
	}
	return all
}

// Name returns "answer".
func (Answer) Name() string { return "answer" }

// Title returns what the expectation is, in one line.
func (Answer) Title() string {
	return "What the caller got: whose whole answer, or which outcome, after how many restarts"
}

// Args returns the arguments that are set.
func (e Answer) Args() map[string]any {
	args := map[string]any{}
	if e.From != "" {
		args["from"] = e.From
	}
	switch len(e.Outcome) {
	case 0:
	case 1:
		args["outcome"] = e.Outcome[0]
	default:
		args["outcome"] = []string(e.Outcome)
	}
	if e.Restarts != nil {
		args["restarts"] = *e.Restarts
	}
	if e.Within != 0 {
		args["within_s"] = timeline.Seconds(e.Within)
	}
	if e.Call != 0 {
		args["call"] = e.Call
	}
	return args
}

// Validate refuses an outcome that does not exist or stands there twice, a provider beside outcomes
// without an answer, and negative numbers.
func (e Answer) Validate() error {
	for i, name := range e.Outcome {
		if !slices.Contains(timeline.OutcomeNames(), name) {
			return fmt.Errorf("no such outcome: %q; one of %s", name, strings.Join(timeline.OutcomeNames(), ", "))
		}
		if slices.Contains(e.Outcome[:i], name) {
			return fmt.Errorf("the outcome %s stands here twice", name)
		}
	}
	switch {
	case e.From != "" && !slices.Contains(e.Outcome.list(), timeline.Answered):
		return fmt.Errorf("from names who answered, so it cannot stand beside outcome %s",
			strings.Join(e.Outcome, ", "))
	case e.Restarts != nil && *e.Restarts < 0:
		return fmt.Errorf("restarts cannot be negative: %d", *e.Restarts)
	case e.Within < 0:
		return fmt.Errorf("within cannot be negative: %s", e.Within)
	case e.Call < 0:
		return fmt.Errorf("call cannot be negative: %d", e.Call)
	}
	return nil
}

// Unseen returns a reason if the caller was not seen.
func (Answer) Unseen(r timeline.Run) string { return callerUnseen(r) }

// Judge compares the outcome of every call, or of the one call. The first that differs decides.
func (e Answer) Judge(t timeline.Timeline) Finding {
	if err := e.Validate(); err != nil {
		return Finding{Verdict: Unknown, Message: err.Error()}
	}
	if e.Call != 0 {
		client, ok := t.Client(e.Call)
		if !ok {
			return Finding{Verdict: Unknown, Message: fmt.Sprintf("call %d was never made", e.Call)}
		}
		return e.judgeCall(t, client)
	}
	last := Finding{Verdict: Unknown, Message: "no call was made"}
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return last
		}
		if e.passesOver(client) {
			if last.Verdict == Unknown {
				last = e.judgeCall(t, client)
			}
			continue
		}
		if last = e.judgeCall(t, client); last.Verdict != Passed {
			return last
		}
	}
}

// passesOver reports whether a call says nothing about the answer, because its caller hung up
// before there was one and no outcome says that it should.
func (e Answer) passesOver(c timeline.Client) bool {
	return c.Ending == timeline.CallHungUp && !slices.Contains(e.Outcome.list(), timeline.HungUp)
}

func (e Answer) judgeCall(t timeline.Timeline, c timeline.Client) Finding {
	want := wanted(e.Outcome.list(), e.From)
	got, from := t.Outcome(c.Call)
	f := Finding{
		Verdict: Failed, Got: got.String(), Limit: wanted(e.Outcome.list(), ""), Events: compact(c.Started, c.Ended),
	}
	waited, ended := abandonedFor(t, c)
	piece, as := t.Unsent(c.Call)
	begun, held := begunAnswers(t, c), heldBack(t, c, got, from)
	how := cutEarly(t, c)
	switch {
	case how != "":
		f.Verdict, f.Message = Unknown, how+", before it was over"+toSeeMore(t)
	case e.passesOver(c):
		f.Verdict, f.Message = Unknown, "the call "+seen(t, c, got, from)+", so there is no answer to judge"
	case !slices.Contains(e.Outcome.list(), got) && e.strandedIn(t, c):
		f.Verdict, f.Message = Passed, "the call "+seen(t, c, got, from)+
			"; nothing better was left, because its caller cannot be told to start over"
	case !slices.Contains(e.Outcome.list(), got):
		f.Message = fmt.Sprintf("expected the call to be %s, but it %s", want, seen(t, c, got, from))
	case e.From != "" && got == timeline.Answered && from != e.From:
		f.Message = fmt.Sprintf("expected the answer of %s, got that of %s", e.From, from)
	case e.Restarts != nil && c.Restarts != *e.Restarts:
		f.Message = fmt.Sprintf("expected %d restart markers, got %d", *e.Restarts, c.Restarts)
	case piece != "":
		f.Message = fmt.Sprintf("the call %s, and was given %s that no provider sent: %q", seen(t, c, got, from), as,
			middleOut(piece))
	case e.Restarts == nil && c.Restarts > begun:
		f.Message = fmt.Sprintf("the call was told to start over %d times, and %d answers had begun", c.Restarts, begun)
	case held > HeldBack:
		f.Message = fmt.Sprintf("the call %s, but %s had sent all of it %s before, limit %s", seen(t, c, got, from),
			from, held.Round(time.Millisecond), HeldBack)
	case e.Within > 0 && !ended:
		f.Verdict, f.Message = Unknown, "no request had ended when the call did, so there is nothing to count from"
	case e.Within > 0 && waited > e.Within:
		f.Message = fmt.Sprintf("the call ended %s after its last request, limit %s", waited.Round(time.Millisecond),
			e.Within)
	default:
		f.Verdict = Passed
		f.Message = "the call " + seen(t, c, got, from)
	}
	return f
}

// abandonedFor returns the time from the end of the last request to the end of the call. ended is
// false if no request had ended.
func abandonedFor(t timeline.Timeline, c timeline.Client) (waited time.Duration, ended bool) {
	last := time.Duration(-1)
	for _, a := range t.CallAttempts(c.Call) {
		if !a.Open && a.End <= c.End {
			last = max(last, a.End)
		}
	}
	return c.End - last, last >= 0
}

// HeldBack is how long an engine may keep a whole answer to itself, from its last content to the
// end of the call. No vendor's own SDK adds a second to it; one that waits for a terminal mark that
// never comes does, and so does one that opens a request in time and reads it later.
const HeldBack = time.Minute

// heldBack returns the time from the last content of the answer that the caller got to the call's
// end, or 0 if it got none. Of two equal answers the later one counts.
func heldBack(t timeline.Timeline, c timeline.Client, got timeline.Outcome, from string) (held time.Duration) {
	if got != timeline.Answered || t.Run.Contained {
		return 0
	}
	for _, a := range t.CallAttempts(c.Call) {
		if a.Provider == from && a.Answered() && a.LastContent <= c.End {
			held = c.End - a.LastContent
		}
	}
	return held
}

// begunAnswers returns how many requests of a call had sent content.
func begunAnswers(t timeline.Timeline, c timeline.Client) (n int) {
	for _, a := range t.CallAttempts(c.Call) {
		if a.FirstContent >= 0 {
			n++
		}
	}
	return n
}

// safe reports whether a call that failed clearly is one that the expectation allows.
func (e Answer) safe(t timeline.Timeline, c timeline.Client) bool {
	return (e.Call == 0 || e.Call == c.Call) && e.Validate() == nil && e.judgeCall(t, c).Verdict == Passed
}

// strandedIn reports whether the answer of From was out of reach: a part of another one had reached
// the caller, who cannot be told to start over. If the answer may be of any provider, a part of
// any is enough.
func (e Answer) strandedIn(t timeline.Timeline, c timeline.Client) bool {
	provider, ok := stranded(t, c)
	return ok && e.From != provider
}

// wanted describes the outcomes that are allowed.
func wanted(outcomes []timeline.Outcome, from string) string {
	words := make([]string, len(outcomes))
	for i, o := range outcomes {
		words[i] = o.String()
		if o == timeline.Answered && from != "" {
			words[i] = "answered by " + from
		}
	}
	return strings.Join(words, " or ")
}

// seen describes what a caller got.
func seen(t timeline.Timeline, c timeline.Client, o timeline.Outcome, from string) string {
	after := (c.End - c.Start).Round(time.Millisecond)
	switch o { //nolint:exhaustive // the others are damage
	case timeline.Answered:
		return fmt.Sprintf("was answered by %s after %s", from, after)
	case timeline.FailedClearly:
		return fmt.Sprintf("failed after %s: %s", after, c.EndText)
	case timeline.Hung:
		return fmt.Sprintf("hung: it was cut after %s", after)
	case timeline.HungUp:
		return fmt.Sprintf("was over after %s: its caller hung up", after)
	case timeline.Empty:
		if said := lastLine(c.Text()); said != "" { // of a command, whose exit code says nothing
			return fmt.Sprintf("printed no provider's answer, after %s; its last line: %s",
				requests(len(t.CallAttempts(c.Call))), said)
		}
		return "returned success without any text, after " + requests(len(t.CallAttempts(c.Call)))
	}
	if t.Run.Contained { // a part of an answer among other output
		return "printed a part of the answer of " + from + " and ended well"
	}
	return damaged(t, c, o, from)
}

// lastLine returns the last line of a text that is not empty.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// Words returns the outcomes.
func (Answer) Words() map[string][]string {
	return map[string][]string{"outcome": timeline.OutcomeNames()}
}

// Mentions returns From and Call.
func (e Answer) Mentions() []Mention {
	return []Mention{{Argument: "from", Provider: e.From}, {Argument: "call", Call: e.Call}}
}
