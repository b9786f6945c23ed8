package failover_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// A tally counts requests: all of them, and those of each call to each provider.
type tally struct {
	requests atomic.Int64

	mu    sync.Mutex
	calls map[string]int // by provider and call
}

var callNumber = regexp.MustCompile(`call \d+`)

// count takes down a request, which says in its prompt to which call it belongs, and returns its number.
func (y *tally) count(x *exchange) int64 {
	call := callNumber.FindString(fmt.Sprint(x.body))
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.calls == nil {
		y.calls = map[string]int{}
	}
	y.calls[x.provider+" "+call]++
	return y.requests.Add(1)
}

// of returns how many requests of a call a provider got.
func (y *tally) of(provider string, call int) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.calls[fmt.Sprintf("%s call %d", provider, call)]
}

// play is the fault as a script. Each token names its request, so that a judge can tell whose it is.
func (f fault) play(asked *tally) script {
	return func(x *exchange) {
		request := asked.count(x)
		if !x.wait(f.After) {
			return
		}
		switch f.Kind {
		case "mute":
			mute(x)
		case "status":
			var headers []string
			if f.Retry != "" {
				headers = []string{"Retry-After", f.Retry}
			}
			fails(f.Status, `{"error":{"message":"no"}}`, headers...)(x)
		default:
			token := func(i int) string { return fmt.Sprintf("[%s %d %d]", x.provider, request, i) }
			if streamed, _ := x.body["stream"].(bool); streamed {
				f.stream(x, token)
			} else {
				f.whole(x, token)
			}
		}
	}
}

// stream gives a part of the answer, and then what goes wrong.
func (f fault) stream(x *exchange, token func(int) string) {
	say := func(from, to int) {
		for i := from; i < to; i++ {
			x.text(token(i))
		}
	}
	if f.Kind == "trickle" {
		for i := 0; x.wait(10 * time.Second); i++ {
			x.text(token(i))
		}
		return
	}
	if f.Kind != "empty" {
		say(0, f.Tokens)
	}
	x.send("") // a reset throws away what has not been read, so that it gets a moment
	x.wait(time.Millisecond)
	switch f.Kind {
	case "healthy":
		say(f.Tokens, answerTokens)
		x.finish()
	case "slow":
		for i := f.Tokens; i < answerTokens && x.wait(20*time.Second); i++ {
			x.text(token(i))
		}
		x.finish()
	case "stays":
		say(f.Tokens, answerTokens)
		x.finish()
		x.hang()
	case "empty":
		x.finish()
	case "malformed":
		x.send("data: {\n\n")
	case "stall":
		x.hang()
	case "heartbeats":
		heartbeats(x)
	case "data heartbeats":
		for x.wait(10 * time.Second) {
			x.dataHeartbeat()
		}
	case "reset":
		resets(x)
	case "cut":
		panic(http.ErrAbortHandler)
	case "error event":
		streamError(x)
	}
}

// whole is the same for an answer that is not streamed.
func (f fault) whole(x *exchange, token func(int) string) {
	var text strings.Builder
	for i := range answerTokens {
		text.WriteString(token(i))
	}
	answer := fmt.Sprintf(`{"id":"1","type":"message","role":"assistant","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":%[1]q},"finish_reason":"stop"}],`+
		`"content":[{"type":"text","text":%[1]q}],"stop_reason":"end_turn"}`, text.String())
	x.w.Header().Set("Content-Type", "application/json")
	switch f.Kind {
	case "healthy", "slow", "stays":
		x.send(answer)
	case "empty":
		x.send(`{"id":"1","type":"message","role":"assistant","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}],"content":[],"stop_reason":"end_turn"}`)
	case "malformed", "error event":
		x.send("{]")
	case "eof":
		x.send(answer[:len(answer)/2])
	case "cut", "reset":
		x.send(answer[:len(answer)/2])
		x.wait(time.Millisecond)
		if f.Kind == "reset" {
			resets(x)
			return
		}
		panic(http.ErrAbortHandler)
	default: // it never comes
		for x.send(" "); x.wait(10 * time.Second); {
			x.send(" ")
		}
	}
}

// dataHeartbeat is an event that carries nothing.
func (x *exchange) dataHeartbeat() {
	if x.protocol == failover.AnthropicMessages {
		x.send("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\"}}\n\n")
		return
	}
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{"content":""}}]}` + "\n\n")
}
