package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// adminTimeout is how long a client of the admin API may take to send a request, and to read the
// response.
const adminTimeout = 30 * time.Second

// adminServer returns the server of the admin API.
func (s *Set) adminServer() *http.Server {
	return &http.Server{
		Handler: s.adminHandler(), ReadTimeout: adminTimeout, WriteTimeout: adminTimeout, IdleTimeout: adminTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// adminHandler routes the admin API. Without the token it shows nothing, not even which paths
// exist.
func (s *Set) adminHandler() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/v1/providers", s.listProviders).Methods(http.MethodGet)
	r.HandleFunc("/v1/providers/{name}/on_request", s.setOnRequest).Methods(http.MethodPut)
	r.HandleFunc("/v1/journal", s.readJournal).Methods(http.MethodGet)
	r.HandleFunc("/v1/timeline", s.readTimeline).Methods(http.MethodGet)
	r.HandleFunc("/v1/reset", s.reset).Methods(http.MethodPost)
	r.HandleFunc("/metrics", s.metrics).Methods(http.MethodGet)
	r.NotFoundHandler = failing(http.StatusNotFound,
		"no such path: there is GET /v1/providers, /v1/journal, /v1/timeline and /metrics, "+
			"PUT /v1/providers/NAME/on_request and POST /v1/reset")
	r.MethodNotAllowedHandler = failing(http.StatusMethodNotAllowed, "another method is needed here")
	return s.guarded("", s.authorised(r))
}

// authorised passes on requests that carry the token. It compares hashes, so that not even the
// token's length can be timed.
func (s *Set) authorised(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(s.o.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(token))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="chaosrun"`)
			fail(w, http.StatusUnauthorized,
				"write Authorization: Bearer TOKEN, with the token that was printed at the start")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func failing(status int, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fail(w, status, message) })
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"error": message})
}

// answer writes JSON. Write errors are ignored, because a client that is gone needs no response.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) //nolint:errchkjson // every v here has a JSON form
}

type providerJSON struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	URL      string `json:"url"`
	Requests uint64 `json:"requests"`
	Open     int    `json:"open"`
}

func (s *Set) listProviders(w http.ResponseWriter, _ *http.Request) {
	list := []providerJSON{}
	for _, p := range s.o.Providers {
		requests, open := s.counts.received(p.Name)
		list = append(list, providerJSON{
			Name: p.Name, Protocol: p.Protocol.Name(), URL: p.URL, Requests: requests, Open: open,
		})
	}
	answer(w, http.StatusOK, list)
}

// setOnRequest takes what a scenario has under on_request.
func (s *Set) setOnRequest(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, strictyaml.MaxSize))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	entries, err := s.o.Vocabulary.LoadOnRequest("on_request", data)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	name := mux.Vars(r)["name"]
	if err := s.Servable(name, entries); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if !s.OnRequest(name, entries) {
		message := "there is no provider " + name
		if near := strictyaml.Nearest(name, s.names()); near != "" {
			message += ": did you mean " + near + "?"
		}
		fail(w, http.StatusNotFound, message)
		return
	}
	names := []string{}
	for _, entry := range entries {
		names = append(names, faultOf(fakeprovider.Visit{Fault: entry}))
	}
	answer(w, http.StatusOK, map[string]any{"on_request": names})
}

func (s *Set) names() []string {
	names := make([]string, len(s.o.Providers))
	for i, p := range s.o.Providers {
		names[i] = p.Name
	}
	return names
}

func (s *Set) readJournal(w http.ResponseWriter, _ *http.Request) {
	entries, dropped := s.Journal()
	if entries == nil {
		entries = []Entry{}
	}
	answer(w, http.StatusOK, map[string]any{"schema": JournalSchema, "dropped": dropped, "entries": entries})
}

func (s *Set) readTimeline(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.Timeline())
}

func (s *Set) reset(w http.ResponseWriter, _ *http.Request) {
	s.Reset()
	w.WriteHeader(http.StatusNoContent)
}

func (s *Set) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = s.counts.write(w, s.names()) // a client that is gone needs no response
}
