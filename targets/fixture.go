package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A Fixture is the providers and the judge of one run, for a test in any language that makes the
// calls itself and tells what their callers got. It speaks JSON lines with the test;
// docs/FIXTURE.md has them.
//
//	test ──calls──▶ fake providers        test ──what the caller got──▶ Fixture ──verdict──▶ test
//
// The zero value of each field but In, Out and Judged is its default.
type Fixture struct {
	// In has the lines of the test, and Out receives the answers. Nothing else may be written
	// there.
	In  io.Reader
	Out io.Writer
	// Judged returns the report of a judged run, and the verdict as people read it.
	Judged func(*harness.Trial) (report any, text string)
	// Environ is the test's environment: its proxies are kept from the providers. Default: none.
	Environ []string
	// Notes are told to the test at the start. Default: none.
	Notes []string
	// Vocabulary has the protocols. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Clock is that of the tree in which this process lives together with the test: harness.Tree()
	// or harness.TreeAt. Default: harness.Wall().
	Clock harness.Clock
}

// ErrNotJudged is returned by [Fixture.Serve] if the test ended before it asked for the verdict.
var ErrNotJudged = errors.New("the test ended before it asked for the verdict")

// Serve runs the scenario until the test has told how each of its calls ended, and answers its
// questions until In ends. Limits are those of s; the pauses before its calls are the test's own.
//
// A call that is neither answered nor sent on to another provider for a tenth longer than the
// largest limit of the scenario is cut: the providers stop serving, and the test is told. So it is
// at the deadline, and if ctx ends. The verdict is then what was seen until the cut.
//
// Serve is not safe for concurrent use.
func (f *Fixture) Serve(ctx context.Context, s scenarios.Scenario, opts ...harness.Option) error {
	run := &fixtureRun{fixture: f, ctx: ctx, scenario: s, stuckAfter: stuckAfter(s), lines: make(chan fixtureLine)}
	s.Calls = slices.Clone(s.Calls)
	for i := range s.Calls {
		s.Calls[i].After = 0
	}
	over := make(chan struct{})
	defer close(over)
	go run.read(f.In, over)
	opts = append(opts, harness.WithNames("fixture", ""), harness.WithVocabulary(f.words()),
		harness.WithClock(f.clock()),
		harness.WithOutside(harness.Outside{StartUnseen: true, NoRestarts: true}))
	t := harness.RunScenario(s, func(lab harness.Lab) harness.Target { return run.open(lab) }, opts...)
	if run.cut > 0 {
		for n := run.cut; n <= run.call; n++ {
			cut(t, n)
		}
		t.Judgement = assertions.Judge(t.Timeline, t.Scenario.Expected())
	}
	switch {
	case t.Skipped() != "":
		run.send(fixtureAnswer{Skipped: t.Skipped()})
		return nil
	case !run.opened:
		run.send(fixtureAnswer{Error: "the providers did not start: " + t.Judgement.Results[0].Message})
		return nil
	}
	return run.answer(t)
}

// clock returns the clock of the run.
func (f *Fixture) clock() harness.Clock {
	if f.Clock.IsTree() {
		return f.Clock
	}
	return harness.Wall()
}

func (f *Fixture) words() *scenarios.Vocabulary {
	if f.Vocabulary == nil {
		return scenarios.Shipped()
	}
	return f.Vocabulary
}

// A fixtureRun is one run of a Fixture. It is the Target whose calls the test makes.
type fixtureRun struct {
	fixture    *Fixture
	ctx        context.Context //nolint:containedctx // ends when the process is told to
	scenario   scenarios.Scenario
	stuckAfter time.Duration
	lab        harness.Lab
	// lines has what the test says. It is closed when that ends.
	lines  chan fixtureLine
	call   int
	opened bool
	// cut is the number of the call that was cut, or 0.
	cut int
	// judging says that the test has asked for the verdict, and left that it has ended.
	judging, left bool
}

var _ harness.Target = (*fixtureRun)(nil)

// open keeps the Lab, whose providers listen.
func (r *fixtureRun) open(lab harness.Lab) harness.Target {
	r.lab, r.opened = lab, true
	return r
}

// Call tells the test where the providers are, if it is the first, and waits until the test has
// told how the call ended.
func (r *fixtureRun) Call(ctx context.Context, _ harness.Request, emit func(harness.Delta)) error {
	r.call++
	switch {
	case r.call == 1:
		r.send(r.hello()) // not before: a request that came earlier would belong to no call
	case r.cut > 0:
		return errors.New("the call before it was cut")
	default:
		r.send(fixtureAnswer{Begun: r.call}) // an earlier request would belong to the call before
	}
	w := newWatch(r.lab)
	w.call = r.call
	look := time.NewTicker(lookEvery(r.stuckAfter))
	defer look.Stop()
	for {
		if r.judging || r.left {
			return r.untold()
		}
		select {
		case l, ok := <-r.lines:
			if done, err := r.take(l, ok, emit); done {
				return err
			}
		case <-ctx.Done():
			return r.cutAt("its deadline")
		case <-r.ctx.Done():
			return harness.CannotLook{Reason: "the fixture was told to end"}
		case <-look.C:
			w.look()
			if stuck := w.stuckFor(); r.stuckAfter > 0 && stuck > r.stuckAfter {
				return r.cutAt(fmt.Sprintf("%s without an answer or another provider", seconds(stuck)))
			}
		}
	}
}

// take takes one line while a call is under way. done says that the call is over.
func (r *fixtureRun) take(l fixtureLine, ok bool, emit func(harness.Delta)) (done bool, err error) {
	switch {
	case !ok:
		r.left = true
	case l.wrong != "":
		r.complain(l.wrong)
	case l.Judge:
		r.judging = true
	case len(l.Expect) > 0:
		r.complain(`nothing is judged yet: say {"judge":true} first`)
	case l.Call != r.call:
		r.complain(fmt.Sprintf("call %d is under way, not call %d", r.call, l.Call))
	case l.Error != nil:
		return true, errors.New(describeError(l.answerPart))
	default:
		tell(l.answerPart, emit)
		return l.End, nil
	}
	return false, nil
}

// untold returns why a call without an end cannot be judged.
func (r *fixtureRun) untold() error {
	if made := r.call - 1; made > 0 {
		return harness.CannotLook{
			Reason: fmt.Sprintf("the scenario makes %d calls, and the test made %d", len(r.scenario.Calls), made),
		}
	}
	return harness.CannotLook{Reason: "the test did not say what its caller got: call saw with the text or the error"}
}

// cutAt ends a call that lasts too long.
func (r *fixtureRun) cutAt(what string) error {
	r.cut = r.call
	reason := "cut after " + what
	if what == "its deadline" {
		reason = "cut at " + what
	}
	r.lab.Explain("the call is " + reason)
	r.send(fixtureAnswer{Cut: r.call, Reason: reason})
	return errors.New("the call was " + reason)
}

// answer answers the test after the run, until it ends.
func (r *fixtureRun) answer(t *harness.Trial) error {
	judged := r.judging
	if judged {
		r.verdict(t)
	}
	for {
		l, ok := r.next()
		switch {
		case !ok && !judged:
			return ErrNotJudged
		case !ok:
			return nil
		case l.wrong != "":
			r.complain(l.wrong)
		case l.Judge:
			judged = true
			r.verdict(t)
		case len(l.Expect) > 0:
			r.expect(t, l.source)
		case r.cut > 0: // what the caller got afterwards is not judged
		default:
			r.complain(fmt.Sprintf("no call is under way: the scenario makes %d", len(r.scenario.Calls)))
		}
	}
}

// next returns the next line of the test, or false if there is none.
func (r *fixtureRun) next() (l fixtureLine, ok bool) {
	if r.left {
		return l, false
	}
	select {
	case l, ok = <-r.lines:
		return l, ok
	case <-r.ctx.Done():
		return l, false
	}
}

// verdict sends the verdict of the scenario's own expectations.
func (r *fixtureRun) verdict(t *harness.Trial) {
	a := fixtureAnswer{Verdict: t.Verdict().String(), Outcome: strings.Join(t.Judgement.Words, ", ")}
	a.Report, a.Text = r.fixture.Judged(t)
	r.send(a)
}

// expect judges other expectations, and sends their results.
func (r *fixtureRun) expect(t *harness.Trial, source []byte) {
	s, err := r.fixture.words().LoadExpect(t.Scenario, "expect", source)
	if err != nil {
		r.complain(err.Error())
		return
	}
	for i := range s.Expect {
		s.Expect[i].Line = 0 // a line of JSON is no place in a file
	}
	other := *t
	other.Scenario, other.Judgement = s, assertions.Judge(t.Timeline, s.Expected())
	a := fixtureAnswer{Verdict: other.Verdict().String()}
	for _, result := range other.Judgement.Results {
		a.Results = append(a.Results, fixtureResult{
			Name: result.Name, Verdict: result.Verdict.String(), Message: result.Message,
		})
	}
	_, a.Text = r.fixture.Judged(&other)
	r.send(a)
}
