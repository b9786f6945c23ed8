package fakeprovider_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]fakeprovider.Validator{
		"status is 700":              fakeprovider.Respond{Status: 700},
		`kind is "tokens", want`:     fakeprovider.SendFrame{Kind: "tokens"},
		"more than a text":           fakeprovider.SendFrame{Kind: "tool-call"},
		"itl is -1s":                 fakeprovider.Text{ITL: -time.Second},
		"tokens is -1":               fakeprovider.Text{Tokens: -1},
		"more than one line":         fakeprovider.Comment{Text: "a\nb"},
		"tool_call: name is missing": fakeprovider.CallTool{Arguments: "{}"},
		"pieces is -1":               fakeprovider.CallTool{Name: "f", Pieces: -1},
		"tool_call: itl is -1s":      fakeprovider.CallTool{Name: "f", ITL: -time.Second},
		"thinking: value is empty":   fakeprovider.Think{},
		"thinking: itl is -1s":       fakeprovider.Think{Value: "hm", ITL: -time.Second},
		"refusal: value is empty":    fakeprovider.Refuse{},
		"refusal: tokens is -1":      fakeprovider.Refuse{Value: "no", Tokens: -1},
		"wait: -1s is negative":      fakeprovider.Wait{For: -time.Second},
		"times is -1": fakeprovider.Repeat{
			Times: -1, Steps: fakeprovider.Script{fakeprovider.Wait{For: 1}},
		},
		"repeat: every is -1s": fakeprovider.Repeat{
			Times: 1, Every: -time.Second, Steps: fakeprovider.Script{fakeprovider.Wait{}},
		},
		"steps is empty": fakeprovider.Repeat{Times: 1},
		"for ever needs every": fakeprovider.Repeat{Steps: fakeprovider.Script{
			fakeprovider.Heartbeat{}, fakeprovider.Wait{}, fakeprovider.Text{ITL: 1, Value: "word"},
		}},
		`reason is "done"`:       fakeprovider.Finish{Reason: "done"},
		"problem: status is 200": fakeprovider.Fail{Status: 200},
		"stands among the headers too": fakeprovider.Fail{
			Status: 429, RetryAfter: "1", Headers: map[string]string{"retry-after": "2"},
		},
		"how is not one of eof":        fakeprovider.End{},
		"ttft is -1s":                  fakeprovider.Healthy{TTFT: -time.Second},
		"heartbeat-only: every is -1s": fault.HeartbeatOnly{Every: -time.Second},
		"slow-trickle: every is -1s":   fault.SlowTrickle{Every: -time.Second},
		"after is -1":                  fault.MidStreamDrop{After: -1},
		"mid-stream-drop: end: how":    fault.MidStreamDrop{How: 9},
		"wait: -2s is negative": fakeprovider.Script{
			fakeprovider.Repeat{Times: 1, Steps: fakeprovider.Script{fakeprovider.Wait{For: -2 * time.Second}}},
		},
	}
	for want, v := range tests {
		if err := v.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%#v: got %v, want %q", v, err, want)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	t.Parallel()
	for _, name := range fakeprovider.FrameNames() {
		var kind fakeprovider.FrameKind
		if err := kind.UnmarshalText([]byte(name)); err != nil || kind.String() != name {
			t.Errorf("frame %s: %v, %v", name, kind, err)
		}
	}
	for _, name := range fakeprovider.EndingNames() {
		var e fakeprovider.Ending
		if err := e.UnmarshalText([]byte(name)); err != nil || e.String() != name {
			t.Errorf("ending %s: %v, %v", name, e, err)
		}
	}
	if err := new(fakeprovider.Ending).UnmarshalText([]byte("bang")); err == nil {
		t.Error("an ending that does not exist was read")
	}
	if _, err := protocol.ByName("morse"); err == nil {
		t.Error("a protocol that does not exist was found")
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text fakeprovider.Text
		want []string
	}{
		{fakeprovider.Text{Value: "one"}, []string{"one"}},
		{fakeprovider.Text{Value: " one  two\nthree "}, []string{" one", "  two", "\nthree", " "}},
		{fakeprovider.Text{Value: "one two three", Tokens: 2}, []string{"one", " two"}},
		{fakeprovider.Text{Value: "one two", Tokens: 5}, []string{"one", " two", " one", " two", " one"}},
		{fakeprovider.Text{Value: " "}, []string{" "}},
		{fakeprovider.Text{Tokens: 3}, []string{"one-primary", " two-primary", " three-primary"}},
	}
	for _, test := range tests {
		if got, _ := rig.Sent(t, test.text); !cmp.Equal(got, test.want) {
			t.Errorf("%+v: got %q, want %q", test.text, got, test.want)
		}
	}
	whole, _ := rig.Sent(t, fakeprovider.Text{})
	if got := strings.Join(whole, ""); got != fakeprovider.Canary("primary") || !strings.Contains(got, "primary") {
		t.Errorf("the canary is %q", got)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	_, got := rig.Sent(t,
		fakeprovider.Text{Value: "a b", ITL: time.Second},
		fakeprovider.Wait{For: time.Minute},
		fakeprovider.Repeat{
			Times: 3, Every: time.Hour, Steps: fakeprovider.Script{fakeprovider.SendFrame{Kind: "text", Text: "c"}},
		},
		fakeprovider.Text{Value: "d"},
	)
	base := time.Minute + time.Second
	want := []time.Duration{0, time.Second, base, base + time.Hour, base + 2*time.Hour, base + 2*time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
}

func TestRawBytesAndFramesOutOfOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{OnRequest: rig.Script(
			fakeprovider.SendFrame{Kind: "done"}, fakeprovider.Raw{Value: "data: {\r\n" + strings.Repeat("x", 100)},
			fakeprovider.SendFrame{Kind: "error", Text: "oops"}, fakeprovider.SendFrame{Kind: "done"},
		)})
		_, body, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
			t.Fatal(err)
		}
		want := "data: [DONE]\n\ndata: {\r\n" + strings.Repeat("x", 100) +
			`data: {"error":{"message":"oops","type":"server_error","param":null,"code":null}}` + "\n\ndata: [DONE]\n\n"
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if got := rig.Texts(server.Recorder().Events(), timeline.BytesSent); len(got) != 1 ||
			!strings.HasSuffix(got[0], "… 109 bytes") {
			t.Errorf("recorded %q", got)
		}
	})
}
