package protocol

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// Probes are requests that clients send before their first request, or beside it: the lists of
// models, one model, a count of tokens, what a key has left. A vendor answers those that it has,
// at once, whatever the script, without a key and without a trace in the timeline. Clients also
// look for a local server (Ollama's /api/tags and /api/show, llama.cpp's /props, vLLM's /version,
// /health). They get the vendor's own 404 (hermes-agent #61421): with any other answer a client
// would take the vendor for that server.

// probeTimeout is how long the body of a probe may take to arrive, in real time. A provider that
// closes waits for it.
const probeTimeout = 5 * time.Second

// probe answers a request with a fixed body.
func probe(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { probed(w, contentType, body) })
}

// probeOne is probe for a path with a {model}, which replaces {model} in the body. Any model will
// do.
func probeOne(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, err := sse.Compact(mux.Vars(r)["model"])
		if err != nil {
			panic(err) // strings always have a JSON form
		}
		probed(w, contentType, strings.ReplaceAll(body, "{model}", string(name[1:len(name)-1])))
	})
}

// probeCount is probe for a path that counts the tokens of a request by the protocol's own
// estimate, which replaces {tokens}.
func probeCount(p fakeprovider.Protocol, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.SetReadDeadline(time.Now().Add(probeTimeout)) // without deadlines the read ends with the client
		data, err := fakeprovider.ReadAtMost(w, r, fakeprovider.MaxBody)
		_ = rc.SetReadDeadline(time.Time{})
		var tooLarge *http.MaxBytesError
		req, problem := p.Parse(r, data)
		switch {
		case errors.As(err, &tooLarge):
			problem = &fakeprovider.Problem{Status: http.StatusRequestEntityTooLarge}
		case err != nil:
			problem = &fakeprovider.Problem{Status: http.StatusRequestTimeout}
		case json.Valid(data):
			problem = nil // it may lack what only an answer needs
		}
		if problem != nil {
			refuseProbe(w, r, p, *problem)
			return
		}
		probed(w, contentType, strings.ReplaceAll(body, "{tokens}", strconv.Itoa(max(1, req.InputTokens))))
	})
}

// refuseProbe answers with the vendor's error, whose ids are the same each time.
func refuseProbe(w http.ResponseWriter, r *http.Request, p fakeprovider.Protocol, problem fakeprovider.Problem) {
	answer := p.Problem(problem, fakeprovider.Meta{
		Request: fakeprovider.Request{Method: r.Method, Path: r.URL.Path}, Now: time.Now(),
		Rand: rand.New(rand.NewPCG(0, 0)),
	})
	sse.SetHeaders(w.Header(), answer.Header)
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // likewise
}

func probed(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write([]byte(body)) //nolint:gosec // JSON, not HTML; a client that is gone does not want it
}
