package rig

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Reply is what net/http made of one response, and what the provider recorded.
type Reply struct {
	Body   string
	header http.Header
	Err    error
	Events []timeline.Event
}

// ReplyOf plays a fault to net/http, in virtual time.
func ReplyOf(t *testing.T, p fakeprovider.Protocol, fault fakeprovider.Fault, stream bool) (r Reply) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client := ServeInMemory(t, fakeprovider.Options{
			Name: "primary", Protocol: p, OnRequest: []fakeprovider.Fault{fault}, Seed: 1, FixedIDs: true,
		})
		//nolint:bodyclose // Exchange has closed it
		resp, body, err := Exchange(t, client, AskOf(t.Context(), t, server.URL(), p, stream))
		r.Body, r.Err = body, err
		if resp != nil {
			r.header = resp.Header
		}
		client.CloseIdleConnections()
		r.Events = server.Recorder().Events()
	})
	return r
}
