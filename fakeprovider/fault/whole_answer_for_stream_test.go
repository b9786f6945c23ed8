package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestWholeAnswerForStream(t *testing.T) {
	t.Parallel()
	shows(t, fault.WholeAnswerForStream{},
		"HTTP/1.1 200 OK",
		`| Content-Type: application/json\r\n`,
		`"object": "chat.completion",`,
	)
	isTheWholeAnswer(t)
}

// isTheWholeAnswer wants the very answer that a client gets who asks for it.
func isTheWholeAnswer(t *testing.T) {
	t.Helper()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			want, body, err := response(t, rawOf(t, fakeprovider.Healthy{}, p, false))
			if err != nil {
				t.Fatal(err)
			}
			got, same, err := response(t, rawOf(t, fault.WholeAnswerForStream{}, p, true))
			if err != nil || same != body || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") {
				t.Errorf("got %s %s (%v), want %s %s", got.Header, same, err, want.Header, body)
			}
		})
	}
}
