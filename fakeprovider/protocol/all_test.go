package protocol_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// TestEveryProtocolIsWhole checks that each protocol has what lists, pages and other tests ask
// for.
func TestEveryProtocolIsWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range protocol.All() {
		for _, what := range lacks(p, tests(t)) {
			t.Errorf("%s %s", p.Name(), what)
		}
		if seen[p.Name()] {
			t.Errorf("two protocols are called %s", p.Name())
		}
		seen[p.Name()] = true
	}
}

// lacking is a protocol that lacks something.
type lacking struct {
	fakeprovider.Protocol

	name  string
	about func(a *fakeprovider.About)
}

func (l lacking) Name() string { return cmp.Or(l.name, l.Protocol.Name()) }

func (l lacking) About() fakeprovider.About {
	a := l.Protocol.About()
	if l.about != nil {
		l.about(&a)
	}
	return a
}

// TestTheWalkHasTeeth takes something from a protocol that is whole, and expects one complaint.
func TestTheWalkHasTeeth(t *testing.T) {
	t.Parallel()
	chat := protocol.OpenAIChat{}
	files := tests(t) + fmt.Sprintf("fuzzEncoder(f, %T{}, ", lacking{})
	if all := lacks(lacking{Protocol: chat}, files); len(all) > 0 {
		t.Fatalf("the stub lacks something by itself: %q", all)
	}
	for want, change := range map[string]func(a *fakeprovider.About){
		"has no title":                         func(a *fakeprovider.About) { a.Title = "" },
		`has the base path "/v2"`:              func(a *fakeprovider.About) { a.BasePath = "/v2" },
		"has no environment variable for {bas": func(a *fakeprovider.About) { a.Env = a.Env[1:] },
		"has no environment variable for {key": func(a *fakeprovider.About) { a.Env = a.Env[:1] },
		`is a profile of "morse"`:              func(a *fakeprovider.About) { a.ProfileOf = "morse" },
		"refuses its own smallest request":     func(a *fakeprovider.About) { a.Whole.Body = "{}" },
		"Mount does not route it":              func(a *fakeprovider.About) { a.Whole.Path += "/more" },
		"reads its own smallest request":       func(a *fakeprovider.About) { a.Stream.Body = a.Whole.Body },
		"takes a request without a key":        nil,
		"answers no probes":                    func(a *fakeprovider.About) { a.Probes = nil },
		"has a frame of the kind text": func(a *fakeprovider.About) {
			a.Unsaid = append(a.Unsaid, fakeprovider.FrameText)
		},
		"has a frame of the kind thinking":   func(a *fakeprovider.About) { a.Unsaid = nil },
		`says "" for the reason length`:      func(a *fakeprovider.About) { delete(a.Reasons, "length") },
		`says "end" for the reason stop`:     func(a *fakeprovider.About) { a.Reasons["stop"] = "end" },
		`says "p" for the reason pause_turn`: func(a *fakeprovider.About) { a.Reasons["pause_turn"] = "p" },
		"has no error unknown_route":         func(a *fakeprovider.About) { a.Errors = nil },
		"has no error of its own for 502, slow": func(a *fakeprovider.About) {
			a.Errors = append(a.Errors, fakeprovider.Problem{Status: 502, Code: "slow"})
		},
	} {
		p := lacking{Protocol: chat, about: change}
		if change == nil {
			p.Protocol = open{chat}
		}
		if all := lacks(p, files); !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("got %q, want %q", all, want)
		}
	}
	for want, p := range map[string]lacking{
		"is no name":                          {Protocol: chat, name: "Morse"},
		"has no golden file":                  {Protocol: chat, name: "morse"},
		"is not quoted, neither in testdata/": {Protocol: chat, name: "morse"},
	} {
		if all := lacks(p, files); !*rig.Update && !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("got %q, want %q", all, want)
		}
	}
	if all := lacks(lacking{Protocol: chat}, tests(t)); !slices.Equal(all, []string{"is not fuzzed"}) {
		t.Errorf("got %q for a protocol without a fuzz target", all)
	}
}

// open is a protocol that asks for no key.
type open struct{ fakeprovider.Protocol }

func (o open) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	req, problem := o.Protocol.Parse(r, body)
	if problem != nil && problem.Status == http.StatusUnauthorized {
		return req, nil
	}
	return req, problem
}

// tests returns the text of this package's tests and of quotes.txt.
func tests(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range append(files, filepath.Join("testdata", "quotes.txt")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// lacks returns what a protocol does not have: data, golden files, or something in the tests.
func lacks(p fakeprovider.Protocol, tests string) []string {
	return slices.Concat(lacksWords(p), lacksCalls(p), lacksFrames(p), lacksErrors(p), lacksTests(p, tests))
}

var protocolName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// lacksWords looks at what lists show and what clients are told.
func lacksWords(p fakeprovider.Protocol) (all []string) {
	about := p.About()
	complain := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	complain(protocolName.MatchString(p.Name()), "is no name: small letters, digits and hyphens")
	complain(about.Title != "" && !strings.Contains(about.Title, "\n"), "has no title of one line")
	complain(strings.HasPrefix(about.Stream.Path, about.BasePath) && !strings.HasSuffix(about.BasePath, "/"),
		"has the base path %q, with which its requests do not begin", about.BasePath)
	has := func(value string) bool {
		return slices.ContainsFunc(about.Env,
			func(v fakeprovider.Variable) bool { return v.Name != "" && v.Value == value })
	}
	complain(has("{base}"), "has no environment variable for {base}")
	complain(has("{key}"), "has no environment variable for {key}")
	_, err := protocol.ByName(cmp.Or(about.ProfileOf, protocol.OpenAIChat{}.Name()))
	complain(err == nil, "is a profile of %q, which is no protocol", about.ProfileOf)
	return all
}

// lacksCalls sends the smallest requests through Mount and Parse.
func lacksCalls(p fakeprovider.Protocol) (all []string) {
	fill := fakeprovider.Blanks{Model: "some-model", Prompt: `say "hello"`, Key: "sk-secret"}
	about := p.About()
	for stream, call := range map[bool]fakeprovider.Call{true: about.Stream, false: about.Whole} {
		var got fakeprovider.Request
		problem := &fakeprovider.Problem{Message: "Mount does not route it"}
		router := mux.NewRouter()
		p.Mount(router, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				problem = &fakeprovider.Problem{Message: err.Error()}
				return
			}
			got, problem = p.Parse(r, body)
		}))
		r, err := call.Request(context.Background(), "http://provider.test", fill)
		if err != nil {
			all = append(all, err.Error())
			continue
		}
		router.ServeHTTP(httptest.NewRecorder(), r)
		switch {
		case problem != nil:
			all = append(all, fmt.Sprintf("refuses its own smallest request, stream %t: %+v", stream, *problem))
		case got.Stream != stream || got.Model != fill.Model || got.Prompt != fill.Prompt || got.InputTokens == 0:
			all = append(all, fmt.Sprintf("reads its own smallest request, stream %t, as %+v", stream, got))
		}
		for name := range call.Header {
			r.Header.Del(name)
		}
		if _, problem := p.Parse(r, nil); problem == nil {
			all = append(all, fmt.Sprintf("takes a request without a key, stream %t", stream))
		}
	}
	if len(about.Probes) == 0 {
		all = append(all, "answers no probes")
	}
	return all
}

// lacksFrames encodes every kind of content and every reason.
func lacksFrames(p fakeprovider.Protocol) (all []string) {
	about := p.About()
	encoder := func(stream bool) fakeprovider.Encoder {
		m := rig.Meta(stream)
		r, err := rig.CallOf(p, stream).Request(context.Background(), "http://provider.test",
			fakeprovider.Blanks{Key: "sk-secret"})
		if err != nil {
			return p.Encoder(m)
		}
		body, _ := io.ReadAll(r.Body) // of a strings.Reader
		req, _ := p.Parse(r, body)
		m.Request.Vendor = req.Vendor
		return p.Encoder(m)
	}
	for _, f := range []fakeprovider.Frame{
		rig.Text("a"), rig.Thinking("a"), rig.Refusal("a"),
		rig.Call(fakeprovider.ToolCall{ID: "1", Name: "f", ArgumentsPiece: "{}"}),
	} {
		for _, stream := range []bool{true, false} {
			_, err := encoder(stream).Encode(f)
			if cannot := errors.Is(err, fakeprovider.ErrNoSuchFrame); cannot != about.Cannot(f.Kind) {
				all = append(all, fmt.Sprintf("has a frame of the kind %s, stream %t: %t, but Unsaid says otherwise",
					f.Kind, stream, !cannot))
			}
		}
	}
	for _, reason := range fakeprovider.FinishReasons() {
		for _, stream := range []bool{true, false} {
			e := encoder(stream)
			var said []byte
			var failed error
			for _, f := range []fakeprovider.Frame{
				{Kind: fakeprovider.FrameStart},
				{Kind: fakeprovider.FrameFinish, Text: reason},
				{Kind: fakeprovider.FrameUsage},
				{Kind: fakeprovider.FrameDone},
			} {
				data, err := e.Encode(f)
				said, failed = append(said, data...), errors.Join(failed, err)
			}
			word := about.Reasons[reason]
			if (failed != nil) != (word == "") || !bytes.Contains(said, []byte(word)) {
				all = append(all, fmt.Sprintf("says %q for the reason %s, stream %t, which is not in %q, %v", word,
					reason, stream, said, failed))
			}
		}
	}
	return all
}

// lacksErrors looks for codes that change nothing.
func lacksErrors(p fakeprovider.Protocol) (all []string) {
	about := p.About()
	if !slices.ContainsFunc(about.Errors, func(e fakeprovider.Problem) bool {
		return e.Code == fakeprovider.CodeUnknownRoute
	}) {
		all = append(all, "has no error "+fakeprovider.CodeUnknownRoute)
	}
	for _, e := range about.Errors {
		picked := p.Problem(e, rig.Meta(true))
		usual := p.Problem(fakeprovider.Problem{Status: e.Status}, rig.Meta(true))
		if picked.Status != e.Status || bytes.Equal(picked.Body, usual.Body) {
			all = append(all, fmt.Sprintf("has no error of its own for %d, %s", e.Status, e.Code))
		}
	}
	return all
}

// lacksTests looks for golden files, a quote and a fuzz target.
func lacksTests(p fakeprovider.Protocol, tests string) (all []string) {
	for _, name := range []string{"stream-header", "frame-text", "whole", "stream-tools", "error-429"} {
		if _, err := os.Stat(filepath.Join("testdata", "wire", p.Name(), name+".txt")); err != nil && !*rig.Update {
			all = append(all, fmt.Sprintf("has no golden file %s; run go test -update", name))
		}
	}
	if !strings.Contains(tests, "\n-- "+p.Name()+"/") && !strings.Contains(tests, "\tquoted(t, \""+p.Name()+"/") {
		all = append(all, "is not quoted, neither in testdata/quotes.txt nor by quoted in its test")
	}
	if !strings.Contains(tests, fmt.Sprintf("fuzzEncoder(f, %T{}, ", p)) {
		all = append(all, "is not fuzzed")
	}
	return all
}
