// Package wrong holds engines that are wrong in one thing each, and says what finds them.
//
//	for _, e := range wrong.All() {
//		run := harness.RunScenario(e.Scenario, e.Factory, e.Options()...)
//		// e.Finding failed, and its message contains all of e.Says
//	}
//
// They are the teeth of the harness: a check that lets one of them pass does not check. To add one,
// write its constructor into a file of its own kind, with a comment that says what is wrong, and
// list it in All.
package wrong

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// An Engine is a factory of engines that are wrong in one thing, and what finds it.
type Engine struct {
	// Name identifies it, in lower case with hyphens.
	Name string
	// Wrong says what is wrong with it, in a sentence.
	Wrong string
	// Factory builds it.
	Factory harness.Factory
	// Scenario is what it fails, Finding the name of the expectation that fails, or
	// assertions.PremiseName. Says are texts that the finding's message contains. An engine that
	// one run cannot find has no scenario, and a Rule.
	Scenario scenarios.Scenario
	Finding  string
	Says     []string
	// Verdict is that of the run and of the finding. Default assertions.Failed.
	Verdict assertions.Verdict
	// Outside says that the engine is taken for one in another process. Default: it is in this one.
	Outside *harness.Outside
	// Rule is the rule of harnesstest.Accept that finds it; "" if none does.
	Rule harnesstest.Rule
	// Clock is the clock that it is found on. Default virtual.
	Clock harness.Clock
	// StopsClock says that virtual time stops, so that real time decides when the engine is given
	// up. Nothing else here depends on how busy the machine is.
	StopsClock bool

	release func()
}

// Release ends what the engine still does in this process after its run was given up. Call it when
// the test is over.
func (e Engine) Release() {
	if e.release != nil {
		e.release()
	}
}

// patient is more real time than any machine takes, however busy it is.
const patient = 10 * time.Minute

// Options returns the options to run the engine with: its clock, how long to wait for virtual time
// that stands still, and whether it is taken for one in another process.
func (e Engine) Options() []harness.Option {
	patience := patient
	if e.StopsClock {
		patience = 500 * time.Millisecond
	}
	options := []harness.Option{harness.WithClock(e.Clock), harness.WithPatience(patience)}
	if e.Outside != nil {
		options = append(options, harness.WithOutside(*e.Outside))
	}
	return options
}

// All returns every wrong engine.
func All() []Engine {
	return slices.Concat(broken(), stuck(), untidy(), dishonest(), mistimed(), unproven(), hungUp())
}

// Find returns the engine of that name.
func Find(name string) (Engine, error) {
	all := All()
	i := slices.IndexFunc(all, func(e Engine) bool { return e.Name == name })
	if i < 0 {
		return Engine{}, fmt.Errorf("wrong: no such engine: %q", name)
	}
	return all[i], nil
}

// A call is an engine that knows the primary alone.
type call func(ctx context.Context, primary harness.Upstream, emit func(harness.Delta)) error

// factory returns a factory of engines that are one function.
func (c call) factory() harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harness.TargetFunc(func(ctx context.Context, _ harness.Request, emit func(harness.Delta)) error {
			return c(ctx, lab.Upstreams()[0], emit)
		})
	}
}

// around returns a factory of plain engines of which each call goes through f.
func around(f func(ctx context.Context, req harness.Request, emit func(harness.Delta),
	plain harness.TargetFunc) error,
) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		engine := harnesstest.Plain(lab)
		if skip, ok := engine.(harness.Skip); ok {
			return skip
		}
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			return f(ctx, req, emit, engine.Call)
		})
	}
}

// asking returns a factory of plain engines that ask for something else than their caller did.
func asking(change func(req *harness.Request)) harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		change(&req)
		return plain(ctx, req, emit)
	})
}

// ask sends one request to an OpenAI-compatible provider.
func ask(ctx context.Context, u harness.Upstream) (*http.Response, error) {
	body := `{"model":"` + u.Model + `","stream":true,"messages":[{"role":"user","content":"` +
		scenarios.DefaultPrompt + `"}]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+u.Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := u.HTTPClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	return res, nil
}

// askAndClose sends one request, and closes the response unread.
func askAndClose(ctx context.Context, u harness.Upstream) error {
	res, err := ask(ctx, u)
	if err != nil {
		return err
	}
	return res.Body.Close() //nolint:wrapcheck // it says enough
}

// askAndRead sends one request, and reads the response to its end.
func askAndRead(ctx context.Context, u harness.Upstream) error {
	res, err := ask(ctx, u)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	return err //nolint:wrapcheck // it says enough
}
