// Command worker is an engine for tests of targets that are installed: it speaks the worker
// protocol, and asks OpenAI-compatible providers in turn. It gives up one that has sent no content
// for PATIENCE.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

type upstream struct {
	BaseURL string `json:"base_url"`
	Key     string `json:"key"`
	Model   string `json:"model"`
}

type line struct {
	Run *struct {
		Upstreams []upstream `json:"upstreams"`
	} `json:"run"`
	Call   int    `json:"call"`
	Cancel int    `json:"cancel"`
	Prompt string `json:"prompt"`
}

func main() {
	if len(os.Args) > 1 {
		fmt.Println("installed-worker 1.2.3")
		return
	}
	patience, err := time.ParseDuration(os.Getenv("PATIENCE"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var upstreams []upstream
	cancels := map[int]context.CancelFunc{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		switch {
		case l.Run != nil:
			upstreams = l.Run.Upstreams
			say(map[string]any{"run": true, "engine": "worker 1.0.0"})
		case l.Call > 0:
			ctx, cancel := context.WithCancel(context.Background())
			cancels[l.Call] = cancel
			go call(ctx, l, upstreams, patience)
		case l.Cancel > 0:
			cancels[l.Cancel]()
		}
	}
}

func say(line map[string]any) {
	data, _ := json.Marshal(line)
	os.Stdout.Write(append(data, '\n'))
}

func call(ctx context.Context, l line, upstreams []upstream, patience time.Duration) {
	for _, u := range upstreams {
		delivered := false
		err := ask(ctx, u, l.Prompt, patience, func(text string) {
			delivered = true
			say(map[string]any{"call": l.Call, "text": text})
		})
		if err == nil {
			say(map[string]any{"call": l.Call, "end": true})
			return
		}
		if delivered {
			break
		}
	}
	say(map[string]any{"call": l.Call, "error": "no provider answered"})
}

func ask(ctx context.Context, u upstream, prompt string, patience time.Duration, deliver func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if patience > 0 {
		timer := time.AfterFunc(patience, cancel)
		defer timer.Stop()
		tell := deliver
		deliver = func(text string) { timer.Reset(patience); tell(text) }
	}
	body, _ := json.Marshal(map[string]any{
		"model": u.Model, "stream": true, "messages": []map[string]string{{"role": "user", "content": prompt}},
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.BaseURL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+u.Key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
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
		if ok && json.Unmarshal([]byte(data), &chunk) == nil && len(chunk.Choices) > 0 &&
			chunk.Choices[0].Delta.Content != "" {
			deliver(chunk.Choices[0].Delta.Content)
		}
	}
	return errors.New("the stream ended early")
}
