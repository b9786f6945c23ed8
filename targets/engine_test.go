package targets

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

// engineVariable makes this test binary an engine: "gateway" or "worker".
const engineVariable = "CHAOSRUN_TEST_ENGINE"

// chat relays one request to OpenAI-compatible upstreams, by their base URLs. It gives up one that
// has sent no content for a while, and asks the next one if nothing was delivered. Without patience
// it waits for ever.
type chat struct {
	upstreams []string
	patience  time.Duration
}

// relay asks the upstreams for a streamed answer. It calls deliver with each line of data that has
// content, and with the finish.
func (c chat) relay(ctx context.Context, body []byte, deliver func(data string)) error {
	var last error
	for _, base := range c.upstreams {
		delivered := false
		last = c.ask(ctx, base, body, func(data string) { delivered = true; deliver(data) })
		if last == nil || delivered {
			return last
		}
	}
	return last
}

func (c chat) ask(ctx context.Context, base string, body []byte, deliver func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := func() {}
	if c.patience > 0 {
		timer := time.AfterFunc(c.patience, cancel)
		defer timer.Stop()
		watch = func() { timer.Reset(c.patience) }
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/chat/completions",
		strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer sk-any")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", base, resp.Status)
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		switch {
		case !ok: // a comment is no content
		case data == "[DONE]":
			return nil
		default:
			watch()
			deliver(data)
		}
	}
	return errors.Join(errors.New("the stream ended early"), ctx.Err())
}

// ServeHTTP is the gateway.
func (c chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	started := false
	err = c.relay(r.Context(), body, func(data string) {
		if !started {
			started = true
			w.Header().Set("Content-Type", "text/event-stream")
		}
		fmt.Fprintf(w, "data: %s\n\n", data)
		w.(http.Flusher).Flush()
	})
	switch {
	case err == nil:
		fmt.Fprint(w, "data: [DONE]\n\n")
	case !started:
		http.Error(w, `{"error": {"message": "no provider answered"}}`, http.StatusBadGateway)
	default:
		panic(http.ErrAbortHandler)
	}
}

// serveGateway runs the gateway at a port until the process is killed.
func serveGateway(port string, c chat) error {
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	return http.Serve(l, c)
}

// workerLine is a line of the worker protocol, as far as the test's worker needs it.
type workerLine struct {
	Run *struct {
		Upstreams []struct {
			BaseURL string `json:"base_url"`
		} `json:"upstreams"`
	} `json:"run"`
	Call   int    `json:"call"`
	Prompt string `json:"prompt"`
}

// serveWorker is a worker around chat.
func serveWorker(c chat, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20) // a prompt may be long
	for lines.Scan() {
		var line workerLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		if line.Run != nil {
			c.upstreams = nil
			for _, u := range line.Run.Upstreams {
				c.upstreams = append(c.upstreams, u.BaseURL)
			}
			fmt.Fprintln(out, `{"run": true, "engine": "test 1.2.3"}`)
			continue
		}
		if line.Call == 0 {
			continue // a cancel: the test's engine ends with its process
		}
		body, err := json.Marshal(map[string]any{
			"model": "any", "stream": true, "messages": []map[string]string{{"role": "user", "content": line.Prompt}},
		})
		if err != nil {
			return err
		}
		err = c.relay(context.Background(), body, func(data string) {
			var chunk struct {
				Choices []struct {
					Delta struct {
						Content string `json:"content"`
					} `json:"delta"`
				} `json:"choices"`
			}
			if json.Unmarshal([]byte(data), &chunk) == nil && len(chunk.Choices) > 0 &&
				chunk.Choices[0].Delta.Content != "" {
				text, _ := json.Marshal(chunk.Choices[0].Delta.Content)
				fmt.Fprintf(out, "{\"call\": %d, \"text\": %s}\n", line.Call, text)
			}
		})
		if err != nil {
			fmt.Fprintf(out, "{\"call\": %d, \"error\": %q}\n", line.Call, "no provider answered")
			continue
		}
		fmt.Fprintf(out, "{\"call\": %d, \"end\": true, \"finish\": \"stop\"}\n", line.Call)
	}
	return nil
}

// endAtOnce is what GORACE has to be for a program with the race detector to end without a pause of
// a second. A command has to end before its answer is whole.
const endAtOnce = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	proctime.Main()
	process.Main()
	if slices.Contains(tools(), filepath.Base(os.Args[0])) {
		os.Exit(playTool(os.Args))
	}
	patience, _ := time.ParseDuration(os.Getenv("PATIENCE"))
	c := chat{patience: patience}
	var err error
	switch os.Getenv(engineVariable) {
	case "":
		if err = os.Setenv("GORACE", endAtOnce); err == nil { // for guards
			m.Run()
		}
	case "gateway":
		c.upstreams = strings.Split(os.Getenv("UPSTREAMS"), ",")
		err = serveGateway(os.Getenv("PORT"), c)
	case "worker":
		if err = errors.Join(dump(os.Getenv("DUMP")), trustCA(os.Getenv("CA"))); err != nil {
			break
		}
		err = serveWorker(c, os.Stdin, os.Stdout)
	case "deaf":
		select {}
	default:
		err = playEngine(os.Getenv(engineVariable))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
