package failover_test

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/failover"
)

// geminiSpeech has one kind of event, a part of the document that an answer is when it is not
// streamed, with the tokens so far.
type geminiSpeech struct {
	model  string
	tokens int
}

func (s *geminiSpeech) chunk(fields string) string {
	return fmt.Sprintf("data: {%s,\"modelVersion\":%q}\r\n\r\n", fields, s.model)
}

// part is a part of the answer.
func (s *geminiSpeech) part(part string) string {
	s.tokens++
	return s.chunk(s.candidate(part, "") + s.usage(true))
}

func (*geminiSpeech) candidate(parts, more string) string {
	return fmt.Sprintf(`"candidates":[{"content":{"parts":[%s],"role":"model"},"index":0%s}]`, parts, more)
}

func (*geminiSpeech) call(c failover.ToolCall) string {
	id := ""
	if c.ID != "" {
		id = fmt.Sprintf(`,"id":%q`, c.ID)
	}
	return fmt.Sprintf(`{"functionCall":{"name":%q,"args":%s%s}}`, c.Name, c.Arguments, id)
}

// begins has no event of its own.
func (*geminiSpeech) begins() string { return "" }

func (s *geminiSpeech) text(text string) string {
	return s.part(fmt.Sprintf(`{"text":%q}`, text))
}

func (s *geminiSpeech) thinks(text string) string {
	return s.part(fmt.Sprintf(`{"text":%q,"thought":true}`, text))
}

// calls is one event, or two pieces of its bytes: a call comes whole, or what comes of it means
// nothing.
func (s *geminiSpeech) calls(_ int, c failover.ToolCall, atOnce bool) []string {
	whole := s.part(s.call(c))
	if atOnce {
		return []string{whole}
	}
	return halves(whole)
}

func (*geminiSpeech) reason(why ending) string {
	return [endings]string{
		stops: "STOP", callsTools: "STOP", getsTooLong: "MAX_TOKENS", isFiltered: "SAFETY",
		botchesCall: "MALFORMED_FUNCTION_CALL",
	}[why]
}

func (s *geminiSpeech) usage(counted bool) string {
	if !counted {
		return ""
	}
	return fmt.Sprintf(`,"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":%d,"totalTokenCount":%d}`,
		s.tokens, 5+s.tokens)
}

func (s *geminiSpeech) ends(why ending, counted bool) (events, last string) {
	return "", s.chunk(s.candidate(`{"text":""}`, fmt.Sprintf(`,"finishReason":%q`, s.reason(why))) + s.usage(counted))
}

func (*geminiSpeech) refuses(string) (events string, why ending) { return "", isFiltered }

func (s *geminiSpeech) idles(event bool) string {
	if event {
		return s.text("")
	}
	return ": ping\r\n\r\n"
}

func (*geminiSpeech) malformed() string { return "data: {]\n\n" }

func (*geminiSpeech) problem(shape, status int) string {
	words := [...]string{
		`"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow down"`,
		`"code":503,"status":"UNAVAILABLE","message":"Overloaded"`,
		`"code":500,"status":"INTERNAL","message":"An internal error has occurred"`,
	}
	said := `{"error":{` + words[trouble(status)] + `}}`
	if shape%2 == 1 {
		return said + "\r\n\r\n" // bare, in the middle of a stream
	}
	return "data: " + said + "\r\n\r\n"
}

func (s *geminiSpeech) whole(r reply, why ending, counted bool) string {
	s.tokens = len(r.texts) + len(r.calls)
	var parts []string
	if len(r.texts) > 0 {
		parts = append(parts, fmt.Sprintf(`{"text":%q}`, r.text()))
	}
	for _, c := range r.calls {
		parts = append(parts, s.call(c))
	}
	return fmt.Sprintf(`{%s%s,"modelVersion":%q}`,
		s.candidate(strings.Join(parts, ","), fmt.Sprintf(`,"finishReason":%q`, s.reason(why))), s.usage(counted),
		s.model)
}
