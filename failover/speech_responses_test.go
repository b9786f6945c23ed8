package failover_test

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/failover"
)

// responsesSpeech numbers its events and its items.
type responsesSpeech struct {
	model  string
	events int    // that were said
	items  int    // that were begun
	words  string // of the message
	open   bool   // the last item is a message that goes on
}

// said is one event, with a number of its own.
func (s *responsesSpeech) said(kind, fields string) string {
	s.events++
	return fmt.Sprintf("event: %[1]s\ndata: {\"type\":\"%[1]s\",\"sequence_number\":%[2]d%[3]s}\n\n", kind, s.events-1,
		fields)
}

func (s *responsesSpeech) response(status, more string) string {
	return fmt.Sprintf(`,"response":{"id":"resp_1","object":"response","status":%q,"model":%q%s}`, status, s.model,
		more)
}

func (s *responsesSpeech) begins() string {
	if s.events > 0 {
		return "" // it has begun
	}
	return s.said("response.created", s.response("in_progress", `,"output":[]`))
}

// message goes on with a message, or begins one.
func (s *responsesSpeech) message() string {
	if s.open {
		return ""
	}
	s.open = true
	s.items++
	return s.said("response.output_item.added",
		s.at(`"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}`)) +
		s.said("response.content_part.added",
			s.at(`"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"text":""}`))
}

// at says which item an event is about.
func (s *responsesSpeech) at(fields string) string {
	return fmt.Sprintf(`,"output_index":%d,%s`, s.items-1, fields)
}

// closes ends the message, which is then said once more as a whole.
func (s *responsesSpeech) closes() string {
	if !s.open {
		return ""
	}
	s.open = false
	part := fmt.Sprintf(`{"type":"output_text","annotations":[],"text":%q}`, s.words)
	return s.said("response.output_text.done",
		s.at(fmt.Sprintf(`"content_index":0,"item_id":"msg_1","text":%q`, s.words))) +
		s.said("response.content_part.done", s.at(`"content_index":0,"item_id":"msg_1","part":`+part)) +
		s.said("response.output_item.done",
			s.at(`"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[`+part+`]}`))
}

func (s *responsesSpeech) text(text string) string {
	s.words += text
	return s.message() +
		s.said("response.output_text.delta", s.at(fmt.Sprintf(`"content_index":0,"item_id":"msg_1","delta":%q`, text)))
}

func (s *responsesSpeech) thinks(text string) string {
	return s.said("response.reasoning_summary_text.delta",
		s.at(fmt.Sprintf(`"item_id":"rs_1","summary_index":0,"delta":%q`, text)))
}

// calls tells the arguments in pieces, or not, and twice as a whole.
func (s *responsesSpeech) calls(n int, c failover.ToolCall, atOnce bool) []string {
	ended := s.closes()
	s.items++
	item := func(status, arguments string) string {
		return s.at(fmt.Sprintf(
			`"item":{"id":"fc_%d","type":"function_call","status":%q,"call_id":%q,"name":%q,"arguments":%q}`,
			n, status, c.ID, c.Name, arguments))
	}
	pieces := []string{ended + s.said("response.output_item.added", item("in_progress", ""))}
	for _, half := range halves(c.Arguments) {
		if atOnce {
			break
		}
		pieces = append(pieces, s.said("response.function_call_arguments.delta",
			s.at(fmt.Sprintf(`"item_id":"fc_%d","delta":%q`, n, half))))
	}
	return append(pieces, s.said("response.function_call_arguments.done",
		s.at(fmt.Sprintf(`"item_id":"fc_%d","arguments":%q`, n, c.Arguments)))+
		s.said("response.output_item.done", item("completed", c.Arguments)))
}

// state is how a response ends: its status, and what explains it.
func (*responsesSpeech) state(why ending) (status, details string) {
	reason := [endings]string{getsTooLong: "max_output_tokens", isFiltered: "content_filter"}[why]
	if reason == "" {
		return "completed", ""
	}
	return "incomplete", fmt.Sprintf(`,"incomplete_details":{"reason":%q}`, reason)
}

func (s *responsesSpeech) ends(why ending, counted bool) (events, last string) {
	events = s.closes()
	status, more := s.state(why)
	return events, s.said("response."+status, s.response(status, more+s.usage(counted)))
}

func (*responsesSpeech) usage(counted bool) string {
	if !counted {
		return ""
	}
	return `,"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}`
}

func (s *responsesSpeech) refuses(words string) (events string, why ending) {
	return s.message() + s.said("response.refusal.delta",
			s.at(fmt.Sprintf(`"content_index":0,"item_id":"msg_1","delta":%q`, words))),
		stops
}

func (s *responsesSpeech) idles(event bool) string {
	if event {
		return s.message() +
			s.said("response.output_text.delta", s.at(`"content_index":0,"item_id":"msg_1","delta":""`))
	}
	return ": ping\n\n"
}

func (*responsesSpeech) malformed() string { return "data: {]\n\n" }

func (s *responsesSpeech) problem(shape, status int) string {
	words := [...]string{
		`"code":"rate_limit_exceeded","message":"slow down"`, `"code":"server_is_overloaded","message":"Overloaded"`,
		`"code":"server_error","message":"The server had an error"`,
	}[trouble(status)]
	switch shape % 3 {
	case 1:
		return s.said("error", `,"error":{`+words+`}`)
	case 2:
		return s.said("response.failed", s.response("failed", `,"error":{`+words+`}`))
	}
	return s.said("error", ","+words)
}

func (s *responsesSpeech) whole(r reply, why ending, counted bool) string {
	var items []string
	if len(r.texts) > 0 {
		items = append(items,
			fmt.Sprintf(
				`{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"text":%q}]}`,
				r.text()))
	}
	if r.refusal != "" {
		items = append(items,
			fmt.Sprintf(
				`{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"refusal","refusal":%q}]}`,
				r.refusal))
	}
	for i, c := range r.calls {
		items = append(items,
			fmt.Sprintf(
				`{"id":"fc_%d","type":"function_call","status":"completed","call_id":%q,"name":%q,"arguments":%q}`,
				i, c.ID, c.Name, c.Arguments))
	}
	status, more := s.state(why)
	return fmt.Sprintf(`{"id":"resp_1","object":"response","status":%q,"model":%q,"error":null,"output":[%s]%s%s}`,
		status, s.model, strings.Join(items, ","), more, s.usage(counted))
}
