package harness

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chaosrun/chaosrun/timeline"
)

// handshakes keeps the last TLS handshake that failed, as net/http logs it. Such a connection has
// no request, so no lane of the timeline knows of it. It is safe for concurrent use.
type handshakes struct {
	mu   sync.Mutex
	last string
}

// Write takes a line of the log.
func (h *handshakes) Write(line []byte) (int, error) {
	if _, failed, ok := strings.Cut(string(line), "TLS handshake error from "); ok {
		_, why, _ := strings.Cut(strings.TrimSpace(failed), ": ") // an address comes first
		h.mu.Lock()
		defer h.mu.Unlock()
		h.last = why
	}
	return len(line), nil
}

// explainSilence makes the run unknown if an engine of this process never asked the primary because
// it does not speak its TLS. An engine in another process is asked a healthy call first.
func (st *stage) explainSilence() {
	primary := st.scenario.Providers[0].Name
	asked := slices.ContainsFunc(st.seen().Attempts(), func(a timeline.Attempt) bool { return a.Provider == primary })
	if why := st.handshakes.explain("Lab.CA returns (Lab.HTTPClient trusts it)"); why != "" &&
		st.options.outside == nil && !asked {
		st.failed("the engine never asked " + primary + why)
	}
}

// explain returns what may be the reason why an engine asked nobody, or "". where says where the
// certificate of the run's authority is.
func (h *handshakes) explain(where string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.last == "":
		return ""
	case strings.Contains(h.last, "HTTP request to an HTTPS server"):
		return "; the providers speak HTTPS, and were spoken to in HTTP"
	case strings.Contains(h.last, "certificate"), strings.Contains(h.last, "unknown ca"):
		return fmt.Sprintf("; a client broke off the TLS handshake (%s): it does not trust the authority of this "+
			"run, whose file %s", h.last, where)
	}
	return fmt.Sprintf("; a TLS handshake failed (%s)", h.last)
}
