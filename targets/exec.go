package targets

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// An Exec is a user's command as an engine under test: a script, pytest, npm test. It runs once, in
// the user's own environment, folder and terminal, and finds the providers in variables; see
// [Exec.Env]. Only the providers' side is seen, and only that is judged.
//
// The zero value of each field but Command is its default.
type Exec struct {
	// Command is the program and its arguments. A program without a slash is looked up in the PATH.
	Command []string
	// Environ is the command's environment, to which Run adds the providers. Default: none.
	Environ []string
	// Stdin, Stdout and Stderr are the command's own. Default: no input, discarded output.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal says that the command shares the terminal of this program. It then stays in this
	// program's process group, so that it can read from the terminal and gets Ctrl-C itself.
	Terminal bool
	// Progress is called with a line at the start, and every Every while the command waits on a
	// provider. Default: never called, 30 s.
	Progress func(line string)
	Every    time.Duration
	// Grace is the time that the command has to end after an interrupt, before it is killed.
	// Default: 10 s.
	Grace time.Duration
	// Hurry ends at the second interrupt. The command is then killed at once. Default: never.
	Hurry context.Context //nolint:containedctx // it lives as long as the command
	// Vocabulary has the protocols. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Clock is the clock of the process tree of this process and its children: [harness.Tree] or
	// [harness.TreeAt]. Default: the command runs in real time.
	Clock harness.Clock
}

// Defaults of Exec.
const (
	defaultEvery = 30 * time.Second
	defaultGrace = 10 * time.Second
)

// An ExecResult is the result of a command.
type ExecResult struct {
	// Trial is the judged run. It has one call for each answer that the command asked for.
	Trial *harness.Trial
	// Code is the command's exit code: 128 and the number of the signal if one ended it, as in a
	// shell. It is 0 if the command did not run because the scenario was skipped.
	Code int
	// Cut says why chaosrun ended the command, "" if it ended by itself.
	Cut string
	// Interrupted says that ctx ended before the command did.
	Interrupted bool
}

// ErrNoCommand is returned by [Exec.Run] if there is no command to run.
var ErrNoCommand = errors.New("there is no command to run")

// Run runs the command against the scenario's providers on loopback, and judges the requests that
// reached them. The time is real unless Clock is set. Limits are those of s. Run does not make the
// calls of s: the command makes any number of calls, and each is judged; see
// [harness.Trial.JudgeEachCall].
//
// The command is killed, with all that it started in its process group, at the scenario's deadline.
// It is also killed if a call is stuck: neither answered nor sent to another provider for a tenth
// longer than the largest limit of the scenario. If ctx ends, the command is interrupted and has
// Grace to end; the requests until then are judged.
//
// The error says that the command was not found, or that there is none. Run is not safe for
// concurrent use.
func (e *Exec) Run(ctx context.Context, s scenarios.Scenario, opts ...harness.Option) (*ExecResult, error) {
	if len(e.Command) == 0 {
		return nil, ErrNoCommand
	}
	path, err := e.lookPath()
	if err != nil {
		return nil, err
	}
	calls := len(s.Calls)
	s.Calls = append([]scenarios.Call(nil), s.Calls[:min(1, len(s.Calls))]...)
	for i := range s.Calls {
		s.Calls[i].After = 0
	}
	r := &execRun{exec: e, ctx: ctx, path: path, stuckAfter: stuckAfter(s), calls: calls}
	opts = append(opts, harness.WithClock(e.clock()), harness.WithOutside(harness.Outside{CallerUnseen: true}),
		harness.WithVocabulary(e.words()))
	t := harness.RunScenario(s, func(lab harness.Lab) harness.Target { r.lab = lab; return r },
		append([]harness.Option{harness.WithNames("exec", "")}, opts...)...)
	if r.cut != "" || r.interrupted {
		cut(t, 1)
	}
	t.JudgeEachCall(calls)
	return &ExecResult{Trial: t, Code: r.code, Cut: r.cut, Interrupted: r.interrupted}, nil
}

// clock returns the clock of the run.
func (e *Exec) clock() harness.Clock {
	if e.Clock.IsTree() {
		return e.Clock
	}
	return harness.Wall()
}

// cut records that chaosrun ended a call. Whatever was missing then is unknown, unless its limit
// had passed.
func cut(t *harness.Trial, call int) {
	i := t.Timeline.Find(timeline.ClientLane(call), timeline.CallFailed, timeline.CallAnswered)
	if i >= 0 {
		t.Timeline.Events[i].Kind = timeline.CallCut
	}
}

func (e *Exec) words() *scenarios.Vocabulary {
	if e.Vocabulary == nil {
		return scenarios.Shipped()
	}
	return e.Vocabulary
}

// lookPath finds the command, or says what is wrong.
func (e *Exec) lookPath() (string, error) {
	path, err := exec.LookPath(e.Command[0])
	if errors.Is(err, exec.ErrDot) {
		err = nil // the user's own PATH says so
	}
	if err != nil {
		return "", &CommandError{Command: e.Command[0], Err: err}
	}
	return filepath.Abs(path)
}

// A CommandError says that a command cannot be run.
type CommandError struct {
	Command string
	Err     error
}

// Error returns the command and what is wrong with it.
func (e *CommandError) Error() string {
	if errors.Is(e.Err, exec.ErrNotFound) {
		return e.Command + ": no such command in the PATH"
	}
	err := e.Err
	if at, ok := errors.AsType[*exec.Error](err); ok {
		err = at.Err
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	}
	return e.Command + ": " + err.Error()
}

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }
