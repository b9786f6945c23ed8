package fakeprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// About describes a protocol: for lists and pages, for whoever points a client at it, and for the
// tests that every protocol has to pass.
type About struct {
	// Title says in one line what the protocol is and where it takes requests.
	Title string
	// ProfileOf names the protocol that this one is a form of: the same clients read both. Empty is
	// none.
	ProfileOf string
	// BasePath is what the vendor's SDKs expect behind the origin in a base URL, "/v1" for
	// instance. Empty is nothing: they add it themselves.
	BasePath string
	// Env lists the environment variables that the vendor's SDKs, and tools made from them, read.
	Env []Variable
	// Stream and Whole are the smallest requests for an answer, streamed and at once. Parse takes
	// both.
	Stream, Whole Call
	// Probes lists the requests that are answered at once and without a trace: "GET /v1/models".
	Probes []string
	// Reasons maps every finish reason of Finish to the vendor's word for it.
	Reasons map[string]string
	// Unsaid lists the kinds of frame that the vendor cannot say: Encode returns ErrNoSuchFrame.
	Unsaid []FrameKind
	// FinishIsMark says that the vendor's terminal mark carries the finish reason, so that an
	// answer cannot be finished without it: a finish frame alone puts nothing on the wire.
	FinishIsMark bool
	// Errors lists the errors that a Problem picks by its Code. The usual error of a status is not
	// listed.
	Errors []Problem
}

// Variable is an environment variable.
type Variable struct {
	Name string
	// Value has {base} where the origin and BasePath go, and {key} where a key goes.
	Value string
}

// Environment returns the variables of a provider at that origin as "NAME=value", in order.
func (a About) Environment(origin, key string) []string {
	fill := strings.NewReplacer("{base}", origin+a.BasePath, "{key}", key)
	var all []string
	for _, v := range a.Env {
		all = append(all, v.Name+"="+fill.Replace(v.Value))
	}
	return all
}

// Cannot reports whether the vendor cannot say a kind of frame.
func (a About) Cannot(kind FrameKind) bool {
	return slices.Contains(a.Unsaid, kind)
}

// Call is a request as the vendor's clients send it. Its texts have {model}, {prompt} and {key}
// where these go.
type Call struct {
	// Method is POST if empty.
	Method string
	// Path stands behind the origin; it includes the query.
	Path   string
	Header map[string]string
	Body   string
}

// Blanks are the values that fill in a Call.
type Blanks struct {
	Model, Prompt, Key string
}

// Request returns the request to a provider at that origin, "http://127.0.0.1:4010" for instance.
func (c Call) Request(ctx context.Context, origin string, b Blanks) (*http.Request, error) {
	method := c.Method
	if method == "" {
		method = http.MethodPost
	}
	path := strings.NewReplacer("{model}", url.PathEscape(b.Model), "{key}", url.QueryEscape(b.Key)).Replace(c.Path)
	body := strings.NewReplacer("{model}", inJSON(b.Model), "{prompt}", inJSON(b.Prompt)).Replace(c.Body)
	r, err := http.NewRequestWithContext(ctx, method, origin+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("fakeprovider: a call of %s: %w", path, err)
	}
	for name, value := range c.Header {
		r.Header.Set(name, strings.ReplaceAll(value, "{key}", b.Key))
	}
	return r, nil
}

// inJSON returns a text as it stands between the quotes of a JSON string.
func inJSON(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(data[1 : len(data)-1])
}
