package serve_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/serve"
)

// A provider that stays, for a client that chooses what it gets.
func ExampleStart() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := serve.Start(serve.Options{Providers: []serve.Provider{
		{
			Name: "primary", Protocol: protocol.OpenAIChat{}, OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}},
			Listener: listener,
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close()

	request, err := http.NewRequest(http.MethodPost, "http://"+listener.Addr().String()+"/v1/chat/completions",
		strings.NewReader(`{"model":"gpt-4o@rate-limited","messages":[{"role":"user","content":"say hello"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Authorization", "Bearer sk-any")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	entries, _ := set.Journal()
	fmt.Println(response.StatusCode, entries[0].Fault, entries[0].Headers["Authorization"])
	// Output: 429 rate-limited [Bearer sha256:aa567f2f]
}
