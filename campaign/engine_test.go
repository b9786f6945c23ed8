package campaign_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
)

// plain is a minimal engine. It asks the providers whose protocol it speaks in turn, without a
// time limit.
type plain struct{ lab harness.Lab }

func newPlain(lab harness.Lab) harness.Target {
	if lab.Upstreams()[0].Protocol != "openai-chat" {
		return harness.Skip{Reason: "it speaks openai-chat alone"}
	}
	return plain{lab}
}

// Call asks the providers in turn.
func (p plain) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) (err error) {
	for _, u := range p.lab.Upstreams() {
		if u.Protocol != "openai-chat" {
			continue
		}
		if err = p.ask(ctx, u, req, emit); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// ask reads one stream.
func (p plain) ask(ctx context.Context, u harness.Upstream, req harness.Request, emit func(harness.Delta)) error {
	body, err := json.Marshal(map[string]any{
		"model": u.Model, "stream": true, "messages": []any{map[string]string{"role": "user", "content": req.Prompt}},
	})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+u.Key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := p.lab.HTTPClient().Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", u.Name, resp.Status)
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
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
			return err
		}
		for _, c := range chunk.Choices {
			if c.Delta.Content != "" {
				emit(harness.Text(c.Delta.Content))
			}
		}
	}
	return fmt.Errorf("%s: the stream ended without its mark", u.Name)
}
