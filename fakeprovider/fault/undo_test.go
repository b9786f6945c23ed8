package fault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// undos say of each overlay with its defaults how it is undone.
func undos() map[string]func(*testing.T, rig.Reply, string) string {
	return map[string]func(*testing.T, rig.Reply, string) string{
		"bandwidth":             same,
		"trickle-in-frame":      same,
		"late-recovery":         same,
		"split-utf8":            same,
		"tiny-writes":           same,
		"one-segment":           same,
		"split-crlf":            lineEnds,
		"crlf":                  otherLineEnds,
		"lone-cr":               lineEnds,
		"mixed-endings":         lineEnds,
		"bom":                   replaced("\ufeff", ""),
		"no-space-after-colon":  replacedAll(`(?m)^(data|event):`, "$1: "),
		"retry-and-id-fields":   replacedAll(`id: \d+\r?\nretry: 3000\r?\n`, ""),
		"multi-line-data":       replacedAll(`([{,]) ?\r?\ndata: "`, `$1"`),
		"comments-between":      withoutComments,
		"unknown-events":        replacedAll(`event: x\.unknown\r?\ndata: {"type":"x\.unknown"}\r?\n\r?\n`, ""),
		"huge-event":            hugeOnce,
		"malformed-json":        withBrace,
		"cut-in-frame":          cutShort,
		"cut-in-terminal":       cutInLast,
		"missing-done":          lacks,
		"missing-finish":        lacks,
		"double-terminal":       inserted,
		"done-twice":            inserted,
		"events-after-terminal": inserted,
		"duplicated-events":     inserted,
		"replayed-prefix":       inserted,
		"usage-twice":           inserted,
		"reordered-events":      reordered,
		"wrong-model":           replaced("substitute-model", "some-model"),
		"usage-missing":         noUsage,
		"usage-zero":            noNumbers,
		"schema-drift":          withoutList,
		"wrong-wire":            foreign,
	}
}

// same is damage that net/http does not see.
func same(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	if got.Err != nil {
		t.Errorf("it ended with %v", got.Err)
	}
	return got.Body
}

func replaced(old, by string) func(*testing.T, rig.Reply, string) string {
	return func(t *testing.T, got rig.Reply, _ string) string {
		t.Helper()
		undone := strings.ReplaceAll(got.Body, old, by)
		if undone == got.Body {
			t.Errorf("there is no %q", old)
		}
		return undone
	}
}

func replacedAll(pattern, by string) func(*testing.T, rig.Reply, string) string {
	return func(t *testing.T, got rig.Reply, _ string) string {
		t.Helper()
		undone := regexp.MustCompile(pattern).ReplaceAllString(got.Body, by)
		if undone == got.Body {
			t.Errorf("there is nothing like %s", pattern)
		}
		return undone
	}
}

// lines is text with LF alone.
func lines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// lineEnds is the healthy body if nothing but the ends of lines differs.
func lineEnds(_ *testing.T, got rig.Reply, healthy string) string {
	if lines(got.Body) == lines(healthy) {
		return healthy
	}
	return got.Body
}

// otherLineEnds wants CRLF where there was LF, or the reverse.
func otherLineEnds(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if strings.Contains(got.Body, "\r\n") == strings.Contains(healthy, "\r\n") {
		t.Error("lines end as they always do")
	}
	return lineEnds(t, got, healthy)
}

// withoutComments takes away a comment before each event and one inside of it.
func withoutComments(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	end := "\n"
	if strings.Contains(got.Body, "\r\n") {
		end = "\r\n"
	}
	parts := strings.Split(got.Body, ": OPENROUTER PROCESSING"+end)
	if len(parts) < 3 {
		t.Fatal("there are no comments")
	}
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.TrimPrefix(parts[i], end)
	}
	return strings.Join(parts, "")
}

// hugeOnce takes away one padding of the default size.
func hugeOnce(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	padding := `,"padding":"` + strings.Repeat("x", 64<<10+1) + `"`
	if n := strings.Count(got.Body, padding); n != 1 {
		t.Errorf("%d events are huge, want 1", n)
	}
	return strings.Replace(got.Body, padding, "", 1)
}

// shared is how many bytes two texts begin with.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// withBrace puts the brace back.
func withBrace(_ *testing.T, got rig.Reply, healthy string) string {
	at := shared(got.Body, healthy)
	return got.Body[:at] + "}" + got.Body[at:]
}

// lacks is the healthy body if only its end is missing, or a part before it.
func lacks(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	at := shared(got.Body, healthy)
	missing := len(healthy) - len(got.Body)
	if missing <= 0 {
		t.Fatal("nothing is missing")
	}
	if got.Err != nil {
		t.Errorf("it ended with %v", got.Err)
	}
	// What stands on both sides of a gap may begin alike.
	for from := at; from >= 0; from-- {
		if from+missing <= len(healthy) && got.Body[:from]+healthy[from+missing:] == got.Body {
			return got.Body[:from] + healthy[from:from+missing] + got.Body[from:]
		}
	}
	return got.Body
}

// cutShort is the healthy body if what came is its beginning, and ends inside of a line.
func cutShort(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if len(got.Body) == 0 || strings.HasSuffix(got.Body, "\n\n") || strings.HasSuffix(got.Body, "\r\n\r\n") || len(got.Body) == len(healthy) {
		t.Errorf("it ends with a whole event: %q", got.Body)
	}
	if strings.HasPrefix(healthy, got.Body) {
		return healthy
	}
	return got.Body
}

// cutInLast is cutShort inside of the last event.
func cutInLast(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if !errors.Is(got.Err, io.ErrUnexpectedEOF) {
		t.Errorf("it ended with %v", got.Err)
	}
	if events := strings.SplitAfter(lines(healthy), "\n\n"); len(events) > 2 { // a stream, and its last part is empty
		last := events[len(events)-2]
		if !strings.Contains(lines(got.Body), lines(healthy)[:len(lines(healthy))-len(last)]) {
			t.Error("more than the last event is broken")
		}
	}
	return cutShort(t, got, healthy)
}

// inserted takes away the one part that is too much, and wants it to be a repetition.
func inserted(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	at, more := shared(got.Body, healthy), len(got.Body)-len(healthy)
	if more <= 0 {
		t.Fatal("nothing was added")
	}
	// What was added and what follows it may begin alike.
	for from := at; from >= max(0, at-more); from-- {
		part := got.Body[from : from+more]
		if got.Body[:from]+got.Body[from+more:] == healthy && strings.Contains(healthy, part) {
			return healthy
		}
	}
	t.Error("what was added is no repetition")
	return got.Body[:at] + got.Body[at+more:]
}

// reordered is the healthy body if two neighbours have changed places.
func reordered(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	a, b := strings.SplitAfter(lines(got.Body), "\n\n"), strings.SplitAfter(lines(healthy), "\n\n")
	for i := range min(len(a), len(b)) - 1 {
		if a[i] == b[i] {
			continue
		}
		a[i], a[i+1] = a[i+1], a[i]
		if slices.Equal(a, b) {
			return healthy
		}
		break
	}
	return got.Body
}

// documents are the JSON texts of a body.
func documents(t *testing.T, body string) []string {
	t.Helper()
	if !strings.Contains(body, "data: ") {
		return []string{body}
	}
	var all []string
	for line := range strings.Lines(lines(body)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "data: "); ok && text != "[DONE]" {
			all = append(all, text)
		}
	}
	return all
}

// noUsage wants JSON without any usage, and puts nothing back.
func noUsage(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if strings.Contains(got.Body, `"usage`) || !strings.Contains(healthy, `"usage`) {
		t.Error("there is a usage, or never was")
	}
	a, b := documents(t, got.Body), documents(t, healthy)
	for i, text := range a {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
		if without(t, text) != without(t, b[i]) {
			t.Errorf("more than the usage is missing:\n%s\n%s", text, b[i])
		}
	}
	return healthy
}

// without is JSON without any usage, in Go's order.
func without(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var strip func(v any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if strings.HasPrefix(key, "usage") {
					delete(v, key)
				}
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(v)
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// noNumbers is the healthy body if nothing but numbers have changed, to zeros.
func noNumbers(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	number := regexp.MustCompile(`: ?\d+`)
	if got.Body == healthy {
		t.Error("nothing has changed")
	}
	a, b := number.FindAllString(got.Body, -1), number.FindAllString(healthy, -1)
	for i := range a {
		if i < len(b) && a[i] != b[i] && strings.TrimLeft(a[i], ": ") != "0" {
			t.Errorf("%s became %s", b[i], a[i])
		}
	}
	if number.ReplaceAllString(got.Body, ":") == number.ReplaceAllString(healthy, ":") {
		return healthy
	}
	return got.Body
}

// withoutList takes away the brackets around one text.
func withoutList(_ *testing.T, got rig.Reply, healthy string) string {
	body := got.Body
	for range "[]" {
		at := shared(body, healthy)
		if at < len(body) {
			body = body[:at] + body[at+1:]
		}
	}
	return body
}

// withoutUnknownFields takes the field away from every object.
func withoutUnknownFields(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	for _, text := range documents(t, got.Body) {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
	}
	if !strings.Contains(got.Body, `{"x_unknown":[1,null]`) || strings.Contains(healthy, "x_unknown") {
		t.Error("there is no unknown field")
	}
	return strings.ReplaceAll(strings.ReplaceAll(got.Body, `"x_unknown":[1,null],`, ""), `"x_unknown":[1,null]`, "")
}

// withoutNullEvent takes the event away in which there is null; a body has null in place of the answer.
func withoutNullEvent(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	for _, text := range documents(t, got.Body) {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
	}
	if !strings.Contains(got.Body, "data: ") {
		if strings.Contains(got.Body, "Hello") {
			t.Error("the answer is there")
		}
		return healthy
	}
	at, more := shared(got.Body, healthy), len(got.Body)-len(healthy)
	if more <= 0 {
		t.Fatal("nothing was added")
	}
	return got.Body[:at] + got.Body[at+more:]
}

// foreign wants the answer in another protocol than the healthy one, and puts nothing back.
func foreign(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if got.Body == healthy || got.Err != nil {
		t.Errorf("it is the answer in its own protocol, or ended with %v", got.Err)
	}
	for word := range strings.FieldsSeq(fakeprovider.Canary("primary")) {
		if !strings.Contains(got.Body, word) {
			t.Errorf("%q is not in the answer: %s", word, got.Body)
		}
	}
	own, others := "chat.completion", `"role":"assistant"`
	if strings.Contains(healthy, `"end_turn"`) {
		if !strings.Contains(got.Body, own) {
			t.Errorf("Anthropic's answer comes as %s", got.Body)
		}
	} else if !strings.Contains(got.Body, `"end_turn"`) || !strings.Contains(got.Body, others) {
		t.Errorf("it is not Anthropic's: %s", got.Body)
	}
	return healthy
}
