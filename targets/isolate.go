package targets

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

// Isolate returns a variant of this program that builds its engine in a process of its own, once
// per run. A panic in a goroutine of the engine then ends that process and fails that run only. The
// clock may be the wall clock, an accelerated one, or [harness.Tree].
//
// program is a command that serves the engine when "worker" and the variant's Arguments follow, as
// with cli.Main. Default: this program. The process has the environment of this one. A variant that
// is already Outside is returned unchanged.
func Isolate(v campaign.Variant, program ...string) campaign.Variant {
	if v.Outside {
		return v
	}
	arguments := append([]string{"worker"}, v.Arguments...)
	v.Outside, v.Scales, v.Inside = true, true, v.Factory
	// The engine gets the declared size of the conversation, so its prompt is not padded.
	v.Options = append(slices.Clone(v.Options), harness.WithOutside(harness.Outside{PromptLimit: 1}))
	v.Factory = func(lab harness.Lab) harness.Target {
		command := slices.Clone(program)
		if len(command) == 0 {
			self, err := os.Executable()
			if err != nil {
				return harness.CannotLook{Reason: "find this program, to start it again: " + err.Error()}
			}
			command = []string{self}
		}
		t := &Target{
			Name: "isolated", Kind: Worker,
			Start: &Start{Command: append(command, arguments...), Env: wholeEnvironment()},
		}
		p := &pool{target: t, label: v.Name}
		target := p.build(lab)
		if s, ok := target.(*session); ok {
			return isolated{s}
		}
		return target
	}
	return v
}

// wholeEnvironment returns the environment of this process, as templates that expand to its values.
func wholeEnvironment() map[string]string {
	usual := regexp.MustCompile(`^[A-Za-z_]\w*$`)
	env := map[string]string{}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); usual.MatchString(name) {
			env[name] = "${" + name + "}"
		}
	}
	return env
}

// isolated is an engine of this program in a process of its own. If it ends that process, the
// engine has failed.
type isolated struct{ *session }

// Call makes one call.
func (i isolated) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	err := i.session.Call(ctx, req, emit)
	w, ok := i.engine.(*workerEngine)
	if _, cannot := errors.AsType[harness.CannotLook](err); !ok || !cannot || w.alive() {
		return err //nolint:wrapcheck // it is the engine's
	}
	if exit, ok := errors.AsType[*process.ExitError](w.in.proc.Err()); ok {
		return harness.Panicked{Text: "it ended the process: " + exit.Error()}
	}
	return err //nolint:wrapcheck // likewise
}
