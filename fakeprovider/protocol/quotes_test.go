package protocol_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// Recordings, issues and documentation quote frames, headers and error bodies of the vendors.
// testdata/quotes.txt holds them: under the name of a golden file what it has to contain, in
// order, each quote a paragraph. "…" is what the source left out within a line, \r\n a CRLF. Ids,
// dates and random padding may differ, nothing else.

// replayed returns the recorded conversations, so that their goldens have the very same frames.
func replayed() map[string]struct {
	protocol fakeprovider.Protocol
	model    string
	input    int
	frames   rig.Frames
} {
	words := func(first string, n int) (all rig.Frames) {
		for range n {
			all = append(all, rig.Text(first))
			first = " word"
		}
		return all
	}
	return map[string]struct {
		protocol fakeprovider.Protocol
		model    string
		input    int
		frames   rig.Frames
	}{
		// https://github.com/simonw/llm-anthropic
		"recorded": {protocol.AnthropicMessages{}, "claude-sonnet-4-5-20250929", 17, words("-", 10)},
		// https://github.com/pydantic/pydantic-ai, as the next two
		"recorded-chat":      {protocol.OpenAIChat{}, "gpt-4o-mini-2024-07-18", 78, words("The", 9)},
		"recorded-responses": {protocol.OpenAIResponses{}, "gpt-4o-2024-08-06", 62, words("The", 9)},
	}
}

func TestGoldenRecordings(t *testing.T) {
	t.Parallel()
	for name, r := range replayed() {
		m := rig.Parsed(t, r.protocol, true)
		m.Request.Model, m.Request.InputTokens = r.model, r.input
		encoder := r.protocol.Encoder(m)
		all := append(rig.Frames{{Kind: fakeprovider.FrameStart}}, r.frames...)
		all = append(all, fakeprovider.Frame{Kind: fakeprovider.FrameFinish},
			fakeprovider.Frame{Kind: fakeprovider.FrameUsage}, fakeprovider.Frame{Kind: fakeprovider.FrameDone})
		var got []byte
		for _, f := range all {
			data, err := encoder.Encode(f)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, data...)
		}
		rig.Golden(t, r.protocol.Name()+"/"+name, got)
	}
}

// masked removes from bytes what differs from one response to the next.
func masked(s string) string {
	for _, mask := range []struct{ what, by string }{
		{`("(?:id|item_id|request_id|responseId|system_fingerprint|obfuscation)": ?)"[^"]*"`, `$1"·"`},
		{`("(?:created|created_at|completed_at)": ?)\d+`, `$1·`},
		{`(?m)([^ \n]) +\}$`, `$1}`}, // the padding inside of Anthropic's last brace
	} {
		s = regexp.MustCompile(mask.what).ReplaceAllString(s, mask.by)
	}
	return s
}

// missing returns the first quote of a section that a golden does not contain after those before
// it, or "".
func missing(golden, section string) string {
	rest := masked(golden)
	for quote := range strings.SplitSeq(strings.Trim(section, "\n"), "\n\n") {
		var parts []string
		for part := range strings.SplitSeq(masked(strings.ReplaceAll(quote, `\r\n`, "\r\n")), "…") {
			parts = append(parts, regexp.QuoteMeta(part))
		}
		at := regexp.MustCompile(strings.Join(parts, `[^\n]*?`)).FindStringIndex(rest)
		if at == nil {
			return quote
		}
		rest = rest[at[1]:]
	}
	return ""
}

// quoted checks that what a vendor was seen to send, or says that it sends, stands in a golden
// file. It is a section of quotes.txt in the test of a protocol.
func quoted(t *testing.T, name, section string) {
	t.Helper()
	if *rig.Update {
		t.Skip("the goldens are being rewritten; the next run looks at them")
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "wire", filepath.FromSlash(name)+".txt"))
	if err != nil {
		t.Error(err)
		return
	}
	if quote := missing(string(golden), section); quote != "" {
		t.Errorf("%s lacks, or has in another order:\n%s\n\nit is:\n%s", name, quote, golden)
	}
}

func TestEveryQuoteIsInAGolden(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "quotes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sections := regexp.MustCompile(`(?m)^-- (\S+) --\n`)
	names := sections.FindAllStringSubmatch(string(data), -1)
	for i, section := range sections.Split(string(data), -1)[1:] {
		quoted(t, names[i][1], section)
	}
}

// TestQuotesHaveTeeth checks that a golden that differs from what is quoted is found out.
func TestQuotesHaveTeeth(t *testing.T) {
	t.Parallel()
	const section = "event: a\ndata: {\"id\":\"msg_1\",…,\"text\":\"-\"}       }\n\n" +
		"data: {\"created\": 1,\"n\": 2}\\r\\n\n"
	const good = "event: a\ndata: {\"id\":\"msg_2\",\"x\":1,\"text\":\"-\"}  }\n\n" +
		"data: {\"created\": 7,\"n\": 2}\r\n\r\n"
	if quote := missing(good, section); quote != "" {
		t.Errorf("a good golden lacks %q", quote)
	}
	for what, change := range map[string][2]string{
		"a line less":           {"event: a\n", ""},
		"another event":         {"event: a", "event: b"},
		"another order of keys": {`"id":"msg_2","x":1,"text":"-"`, `"text":"-","x":1,"id":"msg_2"`},
		"a space more":          {`"text":"-"`, `"text": "-"`},
		"a space less":          {`"n": 2`, `"n":2`},
		"another number":        {`"n": 2`, `"n": 3`},
		"LF alone":              {"\r\n", "\n"},
		"another order": {
			good, good[strings.Index(good, "data: {\"created"):] + good[:strings.Index(good, "data: {\"created")],
		},
	} {
		if bad := strings.ReplaceAll(good, change[0], change[1]); bad == good || missing(bad, section) == "" {
			t.Errorf("%s is not found out", what)
		}
	}
}
