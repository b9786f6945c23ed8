package caller_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
)

// A gateway that answers in Chat Completions, asked as openai-python would ask it.
func ExampleNew() {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked at", r.URL.Path)
		fmt.Fprint(w, `data: {"model":"m1","choices":[{"index":0,"delta":{"content":"hello"}}]}`, "\n\n")
		fmt.Fprint(w, `data: {"error":{"type":"overloaded_error","message":"busy"}}`, "\n\n")
	}))
	defer gateway.Close()
	client, err := caller.New(caller.Options{
		Protocol: protocol.OpenAIChat{}, BaseURL: gateway.URL + "/v1", Model: "primary", Key: "sk-any",
	})
	if err != nil {
		panic(err)
	}
	err = client.Call(context.Background(), harness.Request{Prompt: "say hello", Stream: true}, func(d harness.Delta) {
		switch d.Kind { //nolint:exhaustive // a part of what there is
		case harness.DeltaText, harness.DeltaModel:
			fmt.Printf("got %q\n", d.Text)
		case harness.DeltaHeaders:
			fmt.Printf("on the wire %q\n", d.Text)
		}
	})
	fmt.Println(err)
	// Output:
	// asked at /v1/chat/completions
	// on the wire "200\ncontent-type: text/plain; charset=utf-8"
	// got "m1"
	// got "hello"
	// an error in the answer: overloaded_error: busy
}
