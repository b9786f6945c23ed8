package sdktest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// A provider that refuses the first request and answers the second, for the stock SDK and its own
// retry.
func ExampleStart() {
	provider, err := fakeprovider.Start(fakeprovider.Options{
		Protocol: protocol.OpenAIChat{},
		OnRequest: []fakeprovider.Fault{
			fault.RateLimited{RetryAfter: "0"},
			fakeprovider.Healthy{Text: "hello from a fake"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer provider.Close()

	client := openai.NewClient(option.WithBaseURL(provider.URL()+"/v1/"), option.WithAPIKey("sk-any"))
	answer, err := client.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{
		Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("say hello")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Choices[0].Message.Content)
	// Output: hello from a fake
}

// A behaviour that has no name yet is a script.
func ExampleNew() {
	provider := fakeprovider.New(fakeprovider.Options{
		Protocol: protocol.AnthropicMessages{},
		OnRequest: []fakeprovider.Fault{fakeprovider.Script{
			fakeprovider.Text{Value: "so far so good"},
			fakeprovider.Fail{Status: 529}, // after the head has left: an error event
		}},
	})
	server := provider.Server() // Serve it on any listener, or mount the provider, which is a http.Handler.
	fmt.Println(server.Handler == provider)
	// Output: true
}

// A provider over TLS, with HTTP/2 for a client that offers it.
func ExampleNewTLS() {
	config, authority, err := fakeprovider.NewTLS("127.0.0.1") // or a certificate of your own
	if err != nil {
		fmt.Println(err)
		return
	}
	config.NextProtos = []string{"h2", "http/1.1"}
	provider, err := fakeprovider.Start(fakeprovider.Options{Protocol: protocol.OpenAIChat{}, TLS: config})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer provider.Close()

	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true},
	}
	response, err := client.Get(provider.URL() + "/v1/models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.Proto, response.Status)
	// Output: HTTP/2.0 200 OK
}
