package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// panics keeps what handlers panicked with, by the address that the request came from. It is safe
// for concurrent use.
type panics struct {
	mu   sync.Mutex
	text map[string]string
}

// caught returns a handler that notes a panic and passes it on: net/http then breaks the connection
// off. http.ErrAbortHandler is how a handler asks for just that, and no panic.
func (p *panics) caught(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				p.note(r.RemoteAddr, fmt.Sprintf("%v%s", v, place()))
			}
			panic(http.ErrAbortHandler)
		}()
		h.ServeHTTP(w, r)
	})
}

// place returns where a panic that is being recovered began, as " in FUNCTION at FILE:LINE".
func place() string {
	const depth = 64
	pcs := make([]uintptr, depth)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	began := false
	for {
		f, more := frames.Next()
		if began && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf(" in %s at %s:%d", f.Function, f.File, f.Line)
		}
		began = began || f.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

func (p *panics) note(from, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text[from] = text
}

// watch returns a context whose request tells from where it was sent.
func (p *panics) watch(ctx context.Context) (watched context.Context, from func() string) {
	var mu sync.Mutex
	addr := ""
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		mu.Lock()
		defer mu.Unlock()
		addr = info.Conn.LocalAddr().String()
	}}
	return httptrace.WithClientTrace(ctx, trace), func() string {
		mu.Lock()
		defer mu.Unlock()
		return addr
	}
}

// claim takes the panic of a request, "" for none.
func (p *panics) claim(from string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text[from]
	delete(p.text, from)
	return text
}

// rest returns the panics that no call has claimed.
func (p *panics) rest() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Values(p.text))
}
