package caller

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
)

// Options say whom to call, and how.
type Options struct {
	// Protocol is what the engine speaks: one of package protocol, or a form of one of them.
	Protocol fakeprovider.Protocol
	// BaseURL is what the vendor's SDK is given: with "/v1" for OpenAI's.
	BaseURL string
	// Model and Key go into every request.
	Model, Key string
	// Header is added to that of the SDK, and replaces it by name.
	Header map[string]string
	// Body is a JSON object to merge into that of the request by RFC 7396: objects are merged,
	// null removes, anything else replaces. Default: none.
	Body string
	// HTTPClient makes the requests. Default: one without a timeout and without a proxy.
	HTTPClient *http.Client
}

// A Client calls an engine over HTTP. It is safe for concurrent use.
type Client struct {
	options Options
	wire    func() wire
	merge   map[string]any
}

var _ harness.Target = (*Client)(nil)

// New returns a client. The error says what is wrong with the options: a protocol whose answers
// cannot be read, or a body that is no JSON object.
func New(o Options) (*Client, error) {
	if o.Protocol == nil {
		return nil, errors.New("caller: there is no protocol")
	}
	wire, ok := wires()[cmp.Or(o.Protocol.About().ProfileOf, o.Protocol.Name())]
	if !ok {
		return nil, fmt.Errorf("caller: answers of %s cannot be read, only those of %s", o.Protocol.Name(),
			strings.Join(wireNames(), ", "))
	}
	c := &Client{options: o, wire: wire}
	if o.Body != "" {
		if err := json.Unmarshal([]byte(o.Body), &c.merge); err != nil || c.merge == nil {
			return nil, fmt.Errorf("caller: the body to merge is no JSON object: %.80s", o.Body)
		}
	}
	if c.options.HTTPClient == nil {
		c.options.HTTPClient = &http.Client{Transport: &http.Transport{}}
	}
	return c, nil
}

// Request returns the request for an answer, as the vendor's SDK sends it.
func (c *Client) Request(ctx context.Context, req harness.Request) (*http.Request, error) {
	about := c.options.Protocol.About()
	call := about.Whole
	if req.Stream {
		call = about.Stream
	}
	call.Path = strings.TrimPrefix(call.Path, about.BasePath)
	origin := strings.TrimSuffix(c.options.BaseURL, "/")
	r, err := call.Request(ctx, origin, fakeprovider.Blanks{
		Model: c.options.Model, Prompt: req.Prompt, Key: c.options.Key,
	})
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	for name, value := range c.options.Header {
		r.Header.Set(name, value)
	}
	said := asked(cmp.Or(about.ProfileOf, c.options.Protocol.Name()), req)
	if c.merge == nil && said == nil {
		return r, nil
	}
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	data, err := json.Marshal(merged(merged(body, said), c.merge))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	again, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	again.Header = r.Header
	return again, nil
}

// merged returns old with patch merged into it by RFC 7396.
func merged(old, patch map[string]any) map[string]any {
	if old == nil {
		old = map[string]any{}
	}
	for name, value := range patch {
		object, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(old, name)
		case isObject:
			below, _ := old[name].(map[string]any)
			old[name] = merged(below, object)
		default:
			old[name] = value
		}
	}
	return old
}

// Settle is how long a stream may stay open after its terminal mark before it is cut.
const Settle = 100 * time.Millisecond

// Call makes one request and hands on what the SDK's user sees. A nil error means that the SDK
// raises none. Errors are bounded, and contain neither the key nor a header's value.
func (c *Client) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	if err := c.call(ctx, req, emit); err != nil {
		return &redacted{err: err, text: c.redact(err.Error())}
	}
	return nil
}

func (c *Client) call(outer context.Context, req harness.Request, emit func(harness.Delta)) error {
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	r, err := c.Request(ctx, req)
	if err != nil {
		return err
	}
	see := func(d harness.Delta) {
		if outer.Err() == nil { // a caller that has hung up sees nothing
			emit(d)
		}
	}
	see(harness.Delta{Kind: harness.DeltaRequest, Text: r.Method + " " + c.redact(r.URL.Path)})
	res, err := c.options.HTTPClient.Do(r)
	if err != nil {
		return fmt.Errorf("send the request: %w", err)
	}
	defer res.Body.Close()
	see(harness.Delta{Kind: harness.DeltaHeaders, Text: c.headers(res)})
	ended := func(how string) { see(harness.Delta{Kind: harness.DeltaBodyEnd, Text: how}) }
	if res.StatusCode/100 != 2 { //nolint:mnd // SDKs take every 2xx
		refusal, err := statusError(res)
		ended(c.howEnded(err))
		return refusal
	}
	t := teller{emit: emit}
	var settle *time.Timer
	body := &watched{Reader: res.Body}
	err = c.read(body, req.Stream, func(p Piece) {
		t.take(p)
		if p.Kind == Mark {
			settle = time.AfterFunc(Settle, cancel)
		}
	}, see)
	t.close()
	switch {
	case settle != nil && !settle.Stop() && body.err != nil:
		ended("open after the mark")
	case body.err == nil && err != nil:
		ended(c.howEnded(fmt.Errorf("left by the caller: %w", err)))
	default:
		ended(c.howEnded(body.err))
	}
	if settle != nil { // an error after the mark reaches nobody
		return nil
	}
	return err
}

// howEnded returns how a body ended, by what kept it from ending well.
func (c *Client) howEnded(err error) string {
	if err == nil {
		return "clean"
	}
	return c.redact(err.Error())
}

// A watched reader keeps the error that is no clean end.
type watched struct {
	io.Reader
	err error
}

// Read reads.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err //nolint:wrapcheck // a reader's
}

// Close closes idle connections. The error is nil.
func (c *Client) Close() error {
	c.options.HTTPClient.CloseIdleConnections()
	return nil
}

// A teller turns pieces into what the caller sees.
type teller struct {
	emit          func(harness.Delta)
	model         string
	input, output int
}

func (t *teller) take(p Piece) {
	switch p.Kind {
	case Text, Refusal:
		if p.Text != "" {
			t.emit(harness.Text(p.Text))
		}
	case Thinking:
		t.emit(harness.Thinking(p.Text))
	case ToolCall:
		t.emit(harness.ToolCall(p.Index, "", p.Name, p.Text))
	case Model:
		if p.Text != t.model {
			t.model = p.Text
			t.emit(harness.Model(p.Text))
		}
	case Usage:
		t.input, t.output = max(t.input, p.Input), max(t.output, p.Output)
	case Finish:
		t.emit(harness.Finish(p.Text))
	case Mark:
	}
}

// close tells the usage, whose parts come at different times.
func (t *teller) close() {
	if t.input+t.output > 0 {
		t.emit(harness.Usage(t.input, t.output))
	}
}
