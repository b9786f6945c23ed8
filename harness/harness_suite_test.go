package harness_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

func TestHarness(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	if out, err := os.Stdout.Stat(); err != nil || out.Mode()&os.ModeCharDevice == 0 { // nobody watches
		reporter.Succinct, reporter.NoColor = true, true
	}
	RunSpecs(t, "harness", suite, reporter)
}

// find returns a catalogue scenario.
func find(name string) scenarios.Scenario {
	GinkgoHelper()
	s, err := scenarios.Find(name)
	Expect(err).NotTo(HaveOccurred())
	return s
}

// primary returns a factory of engines that are one function over the primary.
func primary(call func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harness.TargetFunc(func(ctx context.Context, _ harness.Request, emit func(harness.Delta)) error {
			return call(ctx, lab.Upstreams()[0], emit)
		})
	}
}

// credulous is an engine that asks the primary, reads to the end of the body, and calls it the
// whole answer.
func credulous() harness.Factory {
	return primary(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		return ask(ctx, u, "/v1/chat/completions", emit)
	})
}

// ask asks a provider, reads to the end of the body, and calls it the whole answer.
func ask(ctx context.Context, u harness.Upstream, path string, emit func(harness.Delta)) error {
	body := `{"model":"` + u.Model + `","stream":true,"messages":[{"role":"user","content":"` +
		scenarios.DefaultPrompt + `"}]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+u.Key)
	res, err := u.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body) // whatever it says
	emit(harness.Text(fakeprovider.Canary(u.Name)))
	return res.Body.Close()
}

// watched is a test that is being looked at.
type watched struct {
	errors []string
	failed bool
}

var _ harness.T = (*watched)(nil)

func (*watched) Helper() {}
func (w *watched) Errorf(format string, a ...any) {
	w.errors = append(w.errors, fmt.Sprintf(format, a...))
}
func (w *watched) FailNow() { w.failed = true }
