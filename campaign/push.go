package campaign

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/reports"
)

// mostBatch is the size of a request with several traces, in bytes. A longer trace has a request of
// its own. Collectors accept 20 MiB by default: max_request_body_size of
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/confighttp
const mostBatch = 1 << 20

// pushTimeout is the time for a request with its retries: the default of
// OTEL_EXPORTER_OTLP_TIMEOUT. pushGrace is the time that is left to a push after an interrupt.
const (
	pushTimeout = 10 * time.Second
	pushGrace   = 3 * time.Second
)

// pushRetry is the pause before a batch is sent again, unless the server says when, and pushTries
// is how often it is sent.
const (
	pushRetry = time.Second
	pushTries = 3
)

// mostPushAnswer is how much of a server's answer is read, in bytes.
const mostPushAnswer = 64 << 10

// A Push sends traces to a server of OTLP/HTTP, such as an OpenTelemetry Collector.
type Push struct {
	url     *url.URL
	headers http.Header
	client  http.Client
	// Sent counts the traces that the server took.
	Sent int
}

// NewPush parses the server's URL, to which /v1/traces is added. The headers come from
// OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_TRACES_HEADERS. No message has their values,
// nor the user and the query of the URL. The error is a *[UsageError].
func NewPush(to string, getenv func(string) string) (*Push, error) {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usage("otlp", "{option}: write a URL, as in {option} http://localhost:4318")
	}
	if !strings.HasSuffix(u.Path, "/v1/traces") {
		u = u.JoinPath("v1", "traces")
	}
	p := &Push{url: u, headers: http.Header{}}
	// A redirect would take the headers to another server.
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		for pair := range strings.SplitSeq(getenv(name), ",") {
			if strings.TrimSpace(pair) == "" {
				continue
			}
			key, value, ok := strings.Cut(pair, "=")
			value, err := url.PathUnescape(strings.TrimSpace(value))
			if key = strings.TrimSpace(key); !ok || err != nil || key == "" {
				return nil, usage("otlp", "{option}: %s: write name=value, separated by commas", name)
			}
			p.headers.Set(key, value)
		}
	}
	p.headers.Set("Content-Type", "application/json")
	return p, nil
}

// String returns the URL without what may be secret.
func (p *Push) String() string {
	u := *p.url
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// TracesOf returns the sink and the kind that write traces of runs that ended at that time to a
// file, for Send.
func TracesOf(file string, ended time.Time) (Sink, reports.Kind) {
	kind := reports.Kind{Name: "traces to push", Open: func(w io.Writer, header reports.Header) reports.Stream {
		header.Ended = ended
		return reports.NewOTLP(w, header)
	}}
	return Sink{Kind: kind.Name, Path: file}, kind
}

// Send sends the traces of a file that a report of kind otlp wrote, in batches. It stops at the
// first batch that the server does not take, after some seconds at most, and soon after the end of
// ctx. A file that does not exist has no traces. The error is an *[OutputError].
func (p *Push) Send(ctx context.Context, file string) error {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &OutputError{err}
	}
	defer f.Close() //nolint:errcheck // it was read
	after, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(pushGrace, cancel) })
	defer stop()
	defer p.client.CloseIdleConnections()
	if err := p.batches(after, bufio.NewReader(f)); err != nil {
		return &OutputError{fmt.Errorf("%s: %d traces sent, then: %w", p, p.Sent, err)}
	}
	return nil
}

// What a line of the file has around its trace.
const (
	batchBegin = `{"resourceSpans":[`
	batchEnd   = "]}\n"
)

// batches sends the lines.
func (p *Push) batches(ctx context.Context, lines *bufio.Reader) error {
	var batch bytes.Buffer
	traces := 0
	flush := func() error {
		if traces == 0 {
			return nil
		}
		body := batchBegin + batch.String() + batchEnd
		if err := p.post(ctx, body); err != nil {
			return err
		}
		p.Sent += traces
		traces = 0
		batch.Reset()
		return nil
	}
	for {
		line, err := lines.ReadString('\n')
		trace := strings.TrimSuffix(strings.TrimPrefix(line, batchBegin), batchEnd)
		if trace != "" && batch.Len()+len(trace) > mostBatch {
			if err := flush(); err != nil {
				return err
			}
		}
		if trace != "" {
			if traces > 0 {
				batch.WriteByte(',')
			}
			batch.WriteString(trace)
			traces++
		}
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err //nolint:wrapcheck // it names the file
		}
	}
}

// post sends one batch, some times if the server is busy.
func (p *Push) post(ctx context.Context, body string) error {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	for try := 1; ; try++ {
		again, err := p.once(ctx, body)
		if again < 0 || try == pushTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(again):
		}
	}
}

// once sends one batch. again is the pause before it may be sent again, -1 if it may not.
func (p *Push) once(ctx context.Context, body string) (again time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url.String(), strings.NewReader(body))
	if err != nil {
		return -1, withoutURL(err)
	}
	request.Header = p.headers.Clone()
	answer, err := p.client.Do(request)
	if err != nil {
		return -1, withoutURL(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostPushAnswer))
	switch {
	case answer.StatusCode/100 == 2 && err != nil:
		return -1, withoutURL(err)
	case answer.StatusCode/100 == 2:
		return -1, rejected(text)
	}
	again = -1
	switch answer.StatusCode { // https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		again = cmp.Or(time.Duration(max(0, seconds))*time.Second, pushRetry)
	}
	return again, fmt.Errorf("the server answered %s", answer.Status)
}

// rejected returns an error if the server says that it did not take all spans.
func rejected(answer []byte) error {
	var a struct {
		PartialSuccess struct {
			RejectedSpans json.Number `json:"rejectedSpans"`
		} `json:"partialSuccess"`
	}
	_ = json.Unmarshal(answer, &a) // an answer that is not JSON says nothing
	if n := a.PartialSuccess.RejectedSpans.String(); n != "" && n != "0" {
		return fmt.Errorf("the server rejected %s spans", n)
	}
	return nil
}

// withoutURL returns an error of a request without its URL, which may have secrets.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
