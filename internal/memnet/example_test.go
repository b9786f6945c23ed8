package memnet_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// A server and a client talk over a network in memory.
func ExampleNew() {
	network := memnet.New()
	listener, err := network.Listen("primary.test:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context,
		_, addr string,
	) (net.Conn, error) {
		return network.DialContext(ctx, "tcp", addr)
	}}}
	res, err := client.Get("http://primary.test/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	fmt.Println(string(body))
	// Output: hello
}
