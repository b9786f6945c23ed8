package failover_test

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/internal/memnet"
)

// A script plays one exchange of a fake provider. The body of the request has been read.
type script func(x *exchange)

type exchange struct {
	w        http.ResponseWriter
	r        *http.Request
	protocol string
	provider string
	body     map[string]any
}

// send writes bytes of a stream.
func (x *exchange) send(text string) {
	if x.w.Header().Get("Content-Type") == "" {
		x.w.Header().Set("Content-Type", "text/event-stream")
	}
	_, _ = io.WriteString(x.w, text)
	x.w.(http.Flusher).Flush()
}

// wait says whether the client is still there after d.
func (x *exchange) wait(d time.Duration) bool {
	select {
	case <-x.r.Context().Done():
		return false
	case <-time.After(d):
		return true
	}
}

// hang stays until the client goes.
func (x *exchange) hang() { <-x.r.Context().Done() }

// text sends a piece of the answer.
func (x *exchange) text(s string) {
	if x.protocol == failover.AnthropicMessages {
		x.send(fmt.Sprintf("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\n", s))
		return
	}
	x.send(fmt.Sprintf("data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-%s\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", x.provider, s))
}

// think sends a piece of reasoning.
func (x *exchange) think(s string) {
	if x.protocol == failover.AnthropicMessages {
		x.send(fmt.Sprintf("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":%q}}\n\n", s))
		return
	}
	x.send(fmt.Sprintf("data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":%q}}]}\n\n", s))
}

// finish ends the answer.
func (x *exchange) finish() {
	if x.protocol == failover.AnthropicMessages {
		x.send("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\n")
		x.send("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
		return
	}
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n")
	x.send(`data: {"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}` + "\n\n")
	x.send("data: [DONE]\n\n")
}

// heartbeat is what keeps a connection open and says nothing.
func (x *exchange) heartbeat() {
	if x.protocol == failover.AnthropicMessages {
		x.send("event: ping\ndata: {\"type\": \"ping\"}\n\n")
		return
	}
	x.send(": ping\n\n")
}

// heartbeats, 10 s and a phase apart, so that none falls on the instant of a limit.
func heartbeats(x *exchange) {
	for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
		x.heartbeat()
	}
}

// answers is a healthy provider: its name in two pieces.
func answers(x *exchange) {
	if streamed, _ := x.body["stream"].(bool); !streamed {
		x.w.Header().Set("Content-Type", "application/json")
		x.send(fmt.Sprintf(`{"id":"1","type":"message","role":"assistant","model":"m-%s","choices":[{"index":0,"message":{"role":"assistant","content":%[2]q},"finish_reason":"stop"}],`+
			`"content":[{"type":"text","text":%[2]q}],"stop_reason":"end_turn","usage":{"prompt_tokens":5,"completion_tokens":7,"input_tokens":5,"output_tokens":7}}`, x.provider, "hello from "+x.provider))
		return
	}
	if x.protocol == failover.AnthropicMessages {
		x.send(fmt.Sprintf("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m-%s\",\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n", x.provider))
		x.send("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")
	}
	x.text("hello ")
	x.text("from " + x.provider)
	x.finish()
}

// fails answers with a status, a body and headers (name, value, …).
func fails(status int, body string, headers ...string) script {
	return func(x *exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			x.w.Header().Set(headers[i], headers[i+1])
		}
		x.w.WriteHeader(status)
		_, _ = io.WriteString(x.w, body)
	}
}

// silent sends headers and nothing more.
func silent(x *exchange) {
	x.send("")
	x.hang()
}

// mute sends nothing at all.
func mute(x *exchange) { x.hang() }

// resets ends the connection as a crash does.
func resets(x *exchange) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*memnet.Conn).SetLinger(0)
	_ = conn.Close()
}
