package failover_test

import (
	"io"
	"net/http"
	"strings"
	"time"

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
	says     speech // what it has said so far decides what it may say
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

// speech is the exchange's response in the words of its protocol.
func (x *exchange) speech() speech {
	if x.says == nil {
		x.says = newSpeech(x.protocol, "m-"+x.provider)
	}
	return x.says
}

// streamed says that the client wants a stream.
func (x *exchange) streamed() bool {
	streamed, _ := x.body["stream"].(bool)
	return streamed || strings.HasSuffix(x.r.URL.Path, ":streamGenerateContent")
}

// text sends a piece of the answer, think one of reasoning.
func (x *exchange) text(s string)  { x.send(x.speech().text(s)) }
func (x *exchange) think(s string) { x.send(x.speech().thinks(s)) }

// finish ends the answer.
func (x *exchange) finish() {
	events, last := x.speech().ends(stops, true)
	x.send(events + last)
}

// heartbeat is what keeps a connection open and says nothing, dataHeartbeat an event that carries
// nothing.
func (x *exchange) heartbeat()     { x.send(x.speech().idles(false)) }
func (x *exchange) dataHeartbeat() { x.send(x.speech().idles(true)) }

// heartbeats, 10 s and a phase apart, so that none falls on the instant of a limit.
func heartbeats(x *exchange) {
	for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
		x.heartbeat()
	}
}

// answers is a healthy provider: its name in two pieces.
func answers(x *exchange) {
	pieces := []string{"hello ", "from " + x.provider}
	if !x.streamed() {
		x.w.Header().Set("Content-Type", "application/json")
		x.send(x.speech().whole(reply{texts: pieces}, stops, true))
		return
	}
	x.send(x.speech().begins())
	for _, piece := range pieces {
		x.text(piece)
	}
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
