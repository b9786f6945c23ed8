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

// count takes down a request, which says in its prompt to which call it belongs, and returns its
// number.
func (y *tally) count(provider, said string) int64 {
	call := callNumber.FindString(said)
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.calls == nil {
		y.calls = map[string]int{}
	}
	y.calls[provider+" "+call]++
	return y.requests.Add(1)
}

// of returns how many requests of a call a provider got.
func (y *tally) of(provider string, call int) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.calls[fmt.Sprintf("%s call %d", provider, call)]
}

// play is the fault as a script. A model that takes no prefill refuses one whatever else goes
// wrong.
func (f fault) play(asked *tally, by plan) script {
	return func(x *exchange) {
		request := asked.count(x.provider, fmt.Sprint(x.body))
		if !by.takesPrefill() && x.isPrefilled() {
			fails(400, `{"error":{"message":"no prefill"}}`)(x)
			return
		}
		if !x.wait(f.After) {
			return
		}
		switch f.Kind {
		case "mute":
			mute(x)
		case "early reset", "refused": // the latter where several calls knock at once
			resets(x)
		case "status":
			var headers []string
			if f.Retry != "" {
				headers = []string{"Retry-After", f.Retry}
			}
			fails(f.Status, `{"error":{"message":"no"}}`, headers...)(x)
		default:
			r, why := f.reply(x, request)
			if x.streamed() {
				f.stream(x, r, why)
			} else {
				f.whole(x, r, why)
			}
		}
	}
}

// messages are the conversation that the request holds, in the words of its protocol.
func (x *exchange) messages() []any {
	for _, name := range []string{"messages", "input", "contents"} {
		if all, ok := x.body[name].([]any); ok {
			return all
		}
	}
	return nil
}

// isPrefilled says that the last message of the request is the model's own.
func (x *exchange) isPrefilled() bool {
	all := x.messages()
	if len(all) == 0 {
		return false
	}
	last, _ := all[len(all)-1].(map[string]any)
	return last["role"] == "assistant" || last["role"] == "model"
}

// stream gives a part of the answer, and then what goes wrong.
func (f fault) stream(x *exchange, r reply, why ending) {
	said := x.speech()
	if f.Kind == "trickle" {
		x.send(said.begins())
		for i := 0; x.wait(10 * time.Second); i++ {
			x.text(fmt.Sprintf("[%s %d 0]", r.who, i))
		}
		return
	}
	t := &telling{said: said, left: r, atOnce: f.Variant == 1}
	x.send(said.begins())
	for range f.before() {
		x.send(t.next())
	}
	x.send("")
	x.wait(time.Millisecond) // a reset throws away what has not been read, so that it gets a moment
	f.goOn(x, t, r.who, why)
}

// before is how many pieces come before it goes wrong: none where there is no answer for them to be
// of.
func (f fault) before() int {
	if f.Kind == "empty" || f.Kind == "refusal" {
		return 0
	}
	return f.Pieces
}

// believed is how many pieces an engine has to see before it can believe what counts them: some
// gateways count otherwise than their vendor, and what comes twice before cannot be told.
var believed = map[string]int{failover.Gemini: 3}

// goOn is what happens behind the part.
func (f fault) goOn(x *exchange, t *telling, who string, why ending) {
	ends := func(why ending) (last string) {
		events, last := t.said.ends(why, !f.Free)
		x.send(events)
		return last
	}
	// all tells what is left of the answer, but for its last event.
	all := func() (last string) {
		for piece := t.next(); piece != ""; piece = t.next() {
			x.send(piece)
		}
		return ends(why)
	}
	switch f.Kind {
	case "healthy", "half call", "unknown tool":
		x.send(all())
	case "slow":
		for i := 0; i < plain.Texts && x.wait(20*time.Second); i++ {
			x.send(t.next())
		}
		x.send(all())
	case "stays":
		x.send(all())
		x.hang()
	case "no terminal event":
		all()
	case "late text":
		x.send(all())
		late := "[" + who + " 99 0]"
		if f.Variant == 0 {
			x.text(late)
		} else {
			x.send(strings.Join(t.said.calls(t.told,
				failover.ToolCall{ID: "late", Name: toolNames[0], Arguments: fmt.Sprintf(`{"of":%q}`, late)},
				true), ""))
		}
	case "event twice":
		for t.sent < believed[familyOf(x.protocol)] {
			x.send(t.next())
		}
		piece := t.next()
		x.send(piece + piece)
		x.send(all())
	case "length":
		x.send(ends(getsTooLong))
	case "filtered":
		x.send(ends(isFiltered))
	case "empty":
		x.send(ends(stops))
	case "refusal":
		refusal, why := t.said.refuses("[" + who + " 0 1]") // whole, for whom it is an answer
		x.send(refusal)
		x.send(ends(why))
	case "malformed":
		x.send(t.said.malformed())
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
		x.send(t.said.problem(f.Variant, f.Status))
		if f.Variant > 0 {
			x.hang() // who has said so much need not hang up
		}
	}
}

// whole is the same for an answer that is not streamed.
func (f fault) whole(x *exchange, r reply, why ending) {
	x.w.Header().Set("Content-Type", "application/json")
	document := func(r reply, why ending) string { return x.speech().whole(r, why, !f.Free) }
	answer := document(r, why)
	some := reply{texts: r.texts[:min(f.Pieces, len(r.texts))]}
	switch f.Kind {
	case "healthy", "slow", "stays", "half call", "unknown tool", "no terminal event", "late text", "event twice":
		x.send(answer)
	case "empty":
		x.send(document(reply{}, stops))
	case "length":
		x.send(document(some, getsTooLong))
	case "filtered":
		x.send(document(some, isFiltered))
	case "refusal":
		_, why := x.speech().refuses("")
		x.send(document(reply{refusal: "[" + r.who + " 0 1]"}, why))
	case "malformed":
		x.send("{]")
	case "error event":
		x.send(`{"error":{"message":"The server had an error","code":500}}`)
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
