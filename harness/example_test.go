package harness_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// nextProvider is an engine as many are written: ask one provider after the other, with a deadline
// for each, and go on as long as nothing was delivered.
func nextProvider(lab harness.Lab) harness.Target {
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		var errs []error
		for _, u := range []harness.Upstream{lab.Upstream("primary"), lab.Upstream("secondary")} {
			delivered, err := stream(ctx, u, req.Prompt, emit)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
			if delivered {
				break
			}
		}
		return errors.Join(errs...)
	})
}

func stream(ctx context.Context, u harness.Upstream, prompt string,
	emit func(harness.Delta),
) (delivered bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	body := fmt.Sprintf(`{"model": %q, "stream": true, "messages": [{"role": "user", "content": %q}]}`, u.Model, prompt)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+u.Key)
	res, err := u.HTTPClient.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		var chunk struct {
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
			} `json:"choices"`
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || json.Unmarshal([]byte(data), &chunk) != nil {
			continue
		}
		for _, choice := range chunk.Choices {
			delivered = delivered || choice.Delta.Content != ""
			emit(harness.Text(choice.Delta.Content))
		}
	}
	return delivered, lines.Err()
}

// In plain go test, t is the *testing.T: harness.Run(t, "no-response", nextProvider).Check(t).
func ExampleRun() {
	t := exampleT{}
	run := harness.Run(t, "no-response", nextProvider)
	run.Check(t)
	fmt.Println(run.Verdict(), run.Timeline.Measures(1).TimeToFallback)
	// Output: passed 1m0s
}

// RunScenario needs no test: a program judges an engine with it. The limit is shorter than the
// minute that this engine waits.
func ExampleRunScenario() {
	s := scenarios.OfFault("heartbeats", fault.HeartbeatOnly{Every: 10 * time.Second})
	s.Expect = scenarios.Expecting(
		assertions.TimeToFallback{Max: 30 * time.Second}, assertions.Answer{From: "secondary"},
	)
	run := harness.RunScenario(s, nextProvider, harness.WithSeed(7))
	fmt.Println(run.Verdict())
	for _, result := range run.Judgement.Results {
		fmt.Printf("%s %s: %s\n", result.Verdict, result.Name, result.Message)
	}
	// Output:
	// failed
	// failed time_to_fallback: fallback took 1m0s, limit 30s
	// passed answer: the call was answered by secondary after 1m0.581s
}

// In a Ginkgo suite, GinkgoT() is what Run wants, and the run is what the matchers want.
func ExampleRun_ginkgo() {
	_ = ginkgo.It("falls back within a minute", func() {
		run := harness.Run(ginkgo.GinkgoT(), "no-response", nextProvider)
		gomega.Expect(run).To(assertions.HaveFallenBackWithin(time.Minute))
		gomega.Expect(run).To(assertions.HaveAnsweredFrom("secondary"))
		gomega.Expect(run).To(assertions.HaveLeakedNothing())
	})
}

// exampleT prints what a test would report.
type exampleT struct{}

func (exampleT) Helper()                           {}
func (exampleT) Errorf(format string, args ...any) { fmt.Printf(format, args...) }
func (exampleT) FailNow()                          {}
