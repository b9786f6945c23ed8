package rig

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Update is a flag. It has to be registered before the tests run.
//
//nolint:gochecknoglobals // a flag of the test binary
var Update = flag.Bool("update", false, "rewrite the golden files under testdata/wire")

// ErrorStatuses returns the statuses that every protocol has an answer for.
func ErrorStatuses() []int {
	return []int{
		400, 401, 402, 403, 404, 405, 408, 409, 413, 422, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529,
	}
}

// Meta returns a response whose ids and dates are fixed.
func Meta(stream bool) fakeprovider.Meta {
	return fakeprovider.Meta{
		Request: fakeprovider.Request{
			Method: http.MethodPost, Path: "/v1/some/path", Model: "some-model", Stream: stream, IncludeUsage: true,
			InputTokens: 17,
		},
		Provider: "primary", Attempt: 1, Now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
		Rand: rand.New(rand.NewPCG(1, 2)),
	}
}

// Parsed returns Meta with the notes of the protocol's own Parse.
func Parsed(t *testing.T, p fakeprovider.Protocol, stream bool) fakeprovider.Meta {
	t.Helper()
	r := AskOf(t.Context(), t, "http://provider.test", p, stream) //nolint:revive // nothing is sent
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	req, problem := p.Parse(r, body.Bytes())
	if problem != nil {
		t.Fatalf("refused: %+v", problem)
	}
	m := Meta(stream)
	m.Request.Vendor = req.Vendor
	return m
}

// Golden compares with a file under testdata/wire, or rewrites it.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "wire", filepath.FromSlash(name)+".txt")
	if *Update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Dump writes a response as text, headers in order.
func Dump(r fakeprovider.Response) []byte {
	b := fmt.Appendf(nil, "HTTP %d\n", r.Status)
	return append(DumpHeader(b, r.Header), r.Body...)
}

// DumpHeader appends headers in order, and an empty line.
func DumpHeader(b []byte, h http.Header) []byte {
	var lines []string
	for name, values := range h {
		for _, value := range values {
			lines = append(lines, name+": "+value+"\n")
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		b = append(b, line...)
	}
	return append(b, '\n')
}
