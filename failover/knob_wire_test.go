package failover_test

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/failover"
)

// padded gives an answer in pieces, with padding by which each can be told from the others.
func padded(pieces ...string) script {
	return func(x *exchange) {
		for _, piece := range pieces {
			x.send(fmt.Sprintf(
				`data: {"id":"1","choices":[{"index":0,"delta":{"content":%q}}],"obfuscation":"padding of %s"}`+"\n\n",
				piece, strings.TrimSpace(piece)))
		}
		x.finish()
	}
}

// saysMore says something behind the end of its answer.
func saysMore(x *exchange) {
	x.text("hello from " + x.provider)
	x.finish()
	x.text("!")
}

// refuses declines to answer, in the words that Chat Completions has for it.
func refuses(x *exchange) {
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{"refusal":"I cannot"}}]}` + "\n\n")
	x.finish()
}

// answersAtCR ends its lines at a CR alone, each other one behind an LF.
func answersAtCR(x *exchange) {
	answer := `data: {"id":"1","choices":[{"index":0,"delta":{"content":"hello from ` + x.provider + `"}}]}` + "\r\r" +
		`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\r\n\r\n" + "data: [DONE]\n\n"
	if x.protocol == failover.AnthropicMessages {
		answer = "event: content_block_delta\r" +
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello from ` +
			x.provider + `"}}` + "\r\r" +
			"event: message_stop\r\n" + `data: {"type":"message_stop"}` + "\r\n\r\n"
	}
	for _, c := range answer { // a line end may be divided between two reads
		x.send(string(c))
	}
}

// drifts sends a list where a text should be.
func drifts(x *exchange) {
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{"content":["hello"]}}]}` + "\n\n")
	x.finish()
}
