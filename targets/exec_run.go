package targets

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

// An execRun is one run of a command. It is the Target whose only call is the command.
type execRun struct {
	exec       *Exec
	ctx        context.Context //nolint:containedctx // ends when the user interrupts
	path       string
	stuckAfter time.Duration
	calls      int
	lab        harness.Lab

	// Read by Run after the harness is done.
	code        int
	cut         string
	interrupted bool
}

var _ harness.Target = (*execRun)(nil)

// lookEvery returns the pause between two looks at the requests of a command or a test that is cut
// after a time: a hundredth of that time, 100 ms to 1 s. The cut may come that much late.
func lookEvery(stuckAfter time.Duration) time.Duration {
	return min(max(stuckAfter/100, 100*time.Millisecond), time.Second) //nolint:mnd // a hundredth
}

// Call runs the command to its end, and claims no answer.
func (r *execRun) Call(ctx context.Context, _ harness.Request, _ func(harness.Delta)) error {
	r.say("%s", r.exec.whereabouts(r.lab.Upstreams()))
	if r.calls > 1 {
		r.say("the scenario needs %d calls: the command must make them", r.calls)
	}
	command, err := r.exec.start(r.path, r.exec.Env(r.lab.Upstreams()))
	if err != nil {
		r.code = notStarted
		return harness.CannotLook{Reason: err.Error()}
	}
	defer command.Kill()
	w := newWatch(r.lab)
	look, line := time.NewTicker(lookEvery(r.stuckAfter)), time.NewTicker(r.exec.every())
	defer look.Stop()
	defer line.Stop()
	for {
		select {
		case <-command.Done():
			return r.ended(command.Err())
		case <-ctx.Done():
			r.cut = "cut at the deadline"
			return r.killed(command)
		case <-r.ctx.Done():
			return r.interrupt(ctx, command)
		case <-look.C:
			w.look()
			if stuck := w.stuckFor(); r.stuckAfter > 0 && stuck > r.stuckAfter {
				r.cut = fmt.Sprintf("cut after %s without an answer or another provider", seconds(stuck))
				return r.killed(command)
			}
		case <-line.C:
			r.progress(w)
		}
	}
}

// notStarted is the exit code of a command that was found but could not be started, as in a shell.
const notStarted = 126

// say prints a line of progress.
func (r *execRun) say(format string, args ...any) {
	if r.exec.Progress != nil {
		r.exec.Progress(fmt.Sprintf(format, args...))
	}
}

// progress prints what the command waits on.
func (r *execRun) progress(w *watch) {
	w.look()
	text := w.waiting()
	if text == "" {
		return
	}
	if r.stuckAfter > 0 && w.stuckFor() > 0 {
		text += fmt.Sprintf("; cut after %s", seconds(r.stuckAfter))
	}
	r.say("%s; Ctrl-C ends and judges", text)
}

// ended keeps how the command ended.
func (r *execRun) ended(err error) error {
	if err == nil {
		return nil
	}
	r.code = notStarted
	if exit, ok := errors.AsType[*process.ExitError](err); ok {
		r.code = exit.ShellCode()
	}
	return fmt.Errorf("the command ended: %w", err)
}

// killed ends the command and keeps how it ended. It interrupts the command first, so that Python,
// pytest and the like print where they were waiting.
func (r *execRun) killed(command *process.Process) error {
	r.lab.Explain("the command is " + r.cut)
	command.Signal(syscall.SIGINT)
	gentle := time.NewTimer(r.exec.grace() / 2)
	defer gentle.Stop()
	select {
	case <-command.Done():
		_ = r.ended(command.Err()) // why it ended is known
		return errors.New("the command was " + r.cut)
	case <-gentle.C:
	case <-r.exec.hurry():
	}
	return r.killedAtOnce(command)
}

func (r *execRun) killedAtOnce(command *process.Process) error {
	command.Kill()
	_ = r.ended(command.Err()) // why it ended is known
	return errors.New("the command was " + r.cut)
}

// interrupt lets the command end by itself, then asks it to, then kills it.
func (r *execRun) interrupt(ctx context.Context, command *process.Process) error {
	r.interrupted = true
	r.lab.Explain("the command is interrupted")
	r.exec.interrupt(command)
	grace := r.exec.grace()
	r.say("interrupted: the command has %s to end; Ctrl-C again kills it", grace)
	ask, kill := time.NewTimer(grace/2), time.NewTimer(grace)
	defer ask.Stop()
	defer kill.Stop()
	for {
		select {
		case <-command.Done():
			return r.ended(command.Err())
		case <-ask.C:
			command.Signal(syscall.SIGTERM)
		case <-kill.C:
			r.cut = fmt.Sprintf("killed %s after the interrupt", grace)
			return r.killedAtOnce(command)
		case <-r.exec.hurry():
			r.cut = "killed at the second interrupt"
			return r.killedAtOnce(command)
		case <-ctx.Done():
			r.cut = "cut at the deadline"
			return r.killed(command)
		}
	}
}

func (e *Exec) every() time.Duration {
	if e.Every <= 0 {
		return defaultEvery
	}
	return e.Every
}

func (e *Exec) grace() time.Duration {
	if e.Grace <= 0 {
		return defaultGrace
	}
	return e.Grace
}

// hurry returns a channel that is closed when the command must end at once.
func (e *Exec) hurry() <-chan struct{} {
	if e.Hurry == nil {
		return nil
	}
	return e.Hurry.Done()
}
