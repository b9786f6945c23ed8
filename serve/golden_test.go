package serve_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// wire is the folder of the protocols' golden bytes.
var wire = filepath.Join("..", "fakeprovider", "protocol", "testdata", "wire")

func golden(t *testing.T, parts ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(wire, filepath.Join(parts...)+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// conversation returns the frames that the golden files were made of, in their order.
func conversation() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Heartbeat{},
		fakeprovider.Comment{Text: "OPENROUTER PROCESSING"},
		fakeprovider.SendFrame{Kind: "start"},
		fakeprovider.SendFrame{Kind: "text", Text: "The"},
		fakeprovider.SendFrame{Kind: "text", Text: ` <capital> & "Grüße" 🎉`},
		fakeprovider.SendFrame{Kind: "error"},
		fakeprovider.Finish{},
	}
}

// raw sends a request on a connection of its own. It returns the response's head as it came,
// without what depends on the transport, and its body without chunks.
func raw(t *testing.T, url string, call fakeprovider.Call) (status int, head, answer string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	req, err := call.Request(t.Context(), url, blanks("some-model"))
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	resp, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &seen)), nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Date"); got != "Wed, 01 Jul 2026 12:00:00 GMT" {
		t.Errorf("the date is %q", got)
	}
	before, _, _ := strings.Cut(seen.String(), "\r\n\r\n")
	lines := strings.Split(before, "\r\n")[1:]
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "Date: ") || strings.HasPrefix(line, "Transfer-Encoding: ")
	})
	slices.Sort(lines)
	return resp.StatusCode, strings.Join(lines, "\n") + "\n\n", string(data)
}

func TestServedBytesAreTheGoldenOnes(t *testing.T) {
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			o := only(conversation())
			o.FixedIDs, o.Providers[0].Protocol = true, p
			r := onLoopback(t, o)
			var frames strings.Builder
			for _, kind := range []string{"heartbeat", "comment", "start", "text", "error", "finish", "usage", "done"} {
				frames.WriteString(golden(t, p.Name(), "frame-"+kind))
			}
			for n := range 3 { // each time the same
				_, head, got := raw(t, r.urls[0], p.About().Stream)
				if diff := cmp.Diff(golden(t, p.Name(), "stream-header")+frames.String(), head+got); diff != "" {
					t.Errorf("stream %d (-want +got):\n%s", n+1, diff)
				}
			}
			r.OnRequest("primary",
				[]fakeprovider.Fault{slices.DeleteFunc(conversation(), func(s fakeprovider.Step) bool {
					return s == fakeprovider.Step(fakeprovider.SendFrame{Kind: "error"})
				})})
			_, head, got := raw(t, r.urls[0], p.About().Whole)
			if diff := cmp.Diff(golden(t, p.Name(), "whole"), head+got); diff != "" {
				t.Errorf("whole (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServedErrorsAreTheGoldenOnes(t *testing.T) {
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			o := only()
			o.FixedIDs, o.Providers[0].Protocol = true, p
			r := onLoopback(t, o)
			files, err := filepath.Glob(filepath.Join(wire, p.Name(), "error-*.txt"))
			if err != nil || len(files) < 20 {
				t.Fatalf("%d files, %v", len(files), err)
			}
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".txt")
				number, code, _ := strings.Cut(strings.TrimPrefix(name, "error-"), "-")
				if number == "event" {
					continue // inside a stream
				}
				status, err := strconv.Atoi(number)
				if err != nil {
					t.Fatal(err)
				}
				r.OnRequest("primary", []fakeprovider.Fault{
					fakeprovider.Script{fakeprovider.Fail{Status: status, Code: code}},
				})
				gotStatus, head, got := raw(t, r.urls[0], p.About().Stream)
				// A message that names the path names the one that was asked for.
				want := golden(t, p.Name(), name)
				if named := strings.ReplaceAll(want, "/v1/some/path", path(p)); named != want {
					_, text, _ := strings.Cut(want, "\n\n")
					longer := len(text) + len(named) - len(want)
					want = strings.Replace(named, fmt.Sprintf("Content-Length: %d", len(text)),
						fmt.Sprintf("Content-Length: %d", longer), 1)
				}
				if diff := cmp.Diff(want, fmt.Sprintf("HTTP %d\n", gotStatus)+head+got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// TestServedFormsOfGeminiAreTheGoldenOnes asks for both forms of Gemini's stream; the query
// chooses.
func TestServedFormsOfGeminiAreTheGoldenOnes(t *testing.T) {
	const answer = "The capital of France is **Paris**."
	o := only(fakeprovider.Script{
		fakeprovider.SendFrame{Kind: "text", Text: answer},
		fakeprovider.SendFrame{Kind: "finish"},
		fakeprovider.SendFrame{Kind: "done"},
	})
	o.FixedIDs, o.Providers[0].Protocol = true, protocol.Gemini{}
	r := onLoopback(t, o)
	call := protocol.Gemini{}.About().Stream
	// Fifteen tokens by the rule of thumb, as in the recording.
	call.Body = `{"contents":[{"role":"user","parts":[{"text":"` + strings.Repeat("word", 15) + `"}]}]}`
	for query, name := range map[string]string{"": "array-answer", "?alt=sse": "stream-answer"} {
		call.Path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent" + query
		_, head, got := raw(t, r.urls[0], call)
		if diff := cmp.Diff(golden(t, "gemini", name), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if form := strings.Contains(head, "Content-Type: text/event-stream\n"); form != (query != "") {
			t.Errorf("%s came with %s", name, head)
		}
	}
	r.OnRequest("primary", []fakeprovider.Fault{fakeprovider.Script{fakeprovider.Fail{Status: 429}}})
	call.Path = "/v1beta/models/gemini-3-flash:streamGenerateContent"
	status, head, got := raw(t, r.urls[0], call)
	if diff := cmp.Diff(golden(t, "gemini", "array-error-429"), fmt.Sprintf("HTTP %d\n", status)+head+got); diff != "" {
		t.Errorf("array-error-429 (-want +got):\n%s", diff)
	}
}
