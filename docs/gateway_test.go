package docs_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/gateway"
)

// proxy is the gateway of TESTING_A_GATEWAY.md: it hands a request to one provider after the other
// until one of them begins to answer, and leaves one that sends no content for a while.
type proxy struct {
	chain    []harness.Upstream
	patience time.Duration
}

// What a line of an answer is, on any of the four wires. A heartbeat is none of these.
var (
	content = regexp.MustCompile(
		`"(content|text|thinking|delta|partial_json|arguments|refusal|reasoning\w*)": ?"[^"]|"functionCall"|"tool_use"`)
	failure = regexp.MustCompile(`"error": ?[{"]|"type": ?"error"|"response.failed"`)
	mark    = regexp.MustCompile(
		`^data: ?\[DONE\]|"(message_stop|response.completed|response.incomplete)"|"finishReason": ?"`)
	inPath = regexp.MustCompile(`(/models/)[^:]+`)
)

// ServeHTTP asks the providers in order. If none of them answers, the caller gets the last refusal
// as it came, with its Retry-After.
func (p proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	refused := func() { http.Error(w, `{"error": {"message": "no provider answers"}}`, http.StatusBadGateway) }
	for _, u := range p.chain {
		if r.Context().Err() != nil || p.ask(w, r, u, body, &refused) {
			return
		}
	}
	refused()
}

// ask hands on one provider's answer. It returns false if none of it was handed on.
func (p proxy) ask(w http.ResponseWriter, r *http.Request, u harness.Upstream, body []byte, refused *func()) bool {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	watchdog := time.AfterFunc(p.patience, cancel)
	defer watchdog.Stop()
	res, err := u.HTTPClient.Do(forward(ctx, r, u, body))
	if err != nil {
		return false
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(lines, 1<<20))
		*refused = func() { hand(w, res, said) }
		return false
	}
	var held []byte // until the first content
	stream := strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream")
	began, whole := false, false
	for {
		line, err := lines.ReadBytes('\n')
		if content.Match(line) && (err == nil || err == io.EOF) { // and no part of a line
			watchdog.Reset(p.patience)
			began = true
		}
		bad := failure.Match(line) && !began
		whole = whole || mark.Match(line) || err == io.EOF && !stream // JSON has no mark
		switch held = append(held, line...); {
		case bad, err != nil && !began:
			return false
		case err != nil && whole:
			hand(w, res, held)
			return true
		case err != nil:
			panic(http.ErrAbortHandler) // the caller must not take a part for the whole
		case began:
			hand(w, res, held)
			held = nil
		}
	}
}

// hand hands on a part of a response, and before the first its status and headers.
func hand(w http.ResponseWriter, res *http.Response, part []byte) {
	for _, name := range []string{"Content-Type", "Retry-After", "X-Request-Id"} {
		if value := res.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	if res.StatusCode != http.StatusOK {
		w.WriteHeader(res.StatusCode)
	}
	_, _ = w.Write(part)
	_ = http.NewResponseController(w).Flush()
}

// forward returns the caller's request for another provider: its origin, its model and its key.
func forward(ctx context.Context, r *http.Request, u harness.Upstream, body []byte) *http.Request {
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil && fields["model"] != nil {
		fields["model"] = u.Model
		body, _ = json.Marshal(fields) //nolint:errchkjson // it was JSON before
	}
	path := inPath.ReplaceAllString(r.URL.RequestURI(), "${1}"+u.Model)
	out, _ := http.NewRequestWithContext(ctx, r.Method, u.URL+path, bytes.NewReader(body)) // the URL was parsed before
	out.Header = r.Header.Clone()
	for name, key := range map[string]string{
		"Authorization": "Bearer " + u.Key, "X-Api-Key": u.Key, "X-Goog-Api-Key": u.Key,
	} {
		if out.Header.Get(name) != "" {
			out.Header.Set(name, key)
		}
	}
	return out
}

// newProxy is the factory: it serves the gateway on the run's network, and calls it there.
var newProxy = gateway.New(func(lab harness.Lab) http.Handler {
	return proxy{chain: lab.Upstreams(), patience: time.Duration(float64(30*time.Second) * lab.Scale())}
}, gateway.Options{})
