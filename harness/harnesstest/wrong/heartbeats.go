package wrong

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// errIdle says that a provider was silent for too long.
var errIdle = errors.New("nothing came in time")

// CountsHeartbeats gives a provider up after idle without a byte, whatever the byte says, and asks
// the next one. It speaks OpenAI's wire. Only heartbeats that come more often than idle show it.
func CountsHeartbeats(idle time.Duration) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		idle := time.Duration(float64(idle) * lab.Scale())
		for _, u := range lab.Upstreams() {
			if u.Protocol != "openai-chat" {
				return harness.Skip{Reason: "it does not speak " + u.Protocol}
			}
		}
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			var last error
			delivered := false
			for _, u := range lab.Upstreams() {
				if delivered {
					emit(harness.Restart())
				}
				last = countBytes(ctx, u, idle, func(d harness.Delta) {
					delivered = true
					emit(d)
				})
				if last == nil || ctx.Err() != nil || delivered && !req.Restarts {
					return last
				}
			}
			return last
		})
	}
}

// countBytes reads an answer. Each byte starts the idle timer anew.
func countBytes(ctx context.Context, u harness.Upstream, idle time.Duration, emit func(harness.Delta)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(idle, func() { cancel(errIdle) })
	defer timer.Stop()
	res, err := ask(ctx, u)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	defer res.Body.Close()
	if res.StatusCode > 299 { //nolint:mnd // success
		return errors.New(res.Status)
	}
	lines := bufio.NewScanner(watched{res.Body, func() { timer.Reset(idle) }})
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			return nil
		}
		var chunk struct {
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
			} `json:"choices"`
		}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			return err //nolint:wrapcheck // it says enough
		}
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			emit(harness.Text(chunk.Choices[0].Delta.Content))
		}
	}
	return errors.Join(errors.New("the stream ended too soon"), lines.Err(), context.Cause(ctx))
}

// watched calls saw for every piece that is read.
type watched struct {
	r   io.Reader
	saw func()
}

// Read reads a piece.
func (w watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.saw()
	}
	return n, err //nolint:wrapcheck // a reader's error must arrive as it is
}
