package protocol

import (
	"net/http"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// edgePage returns a page of the edge in front of a vendor: HTML, with the edge's headers alone.
// Users meet it instead of the vendor's JSON (claude-code #3197).
func edgePage(status int, m fakeprovider.Meta) fakeprovider.Response {
	h := http.Header{"Content-Type": {"text/html"}}
	edgeHeader(h, m)
	return respond(status, h, sse.ErrorPage(status, "cloudflare"))
}

// edgeErrors returns rows for the statuses that the edge answers.
func edgeErrors(statuses ...int) []vendorError {
	rows := make([]vendorError, 0, len(statuses))
	for _, status := range statuses {
		rows = append(rows, vendorError{status: status, page: true})
	}
	return rows
}

// edgeHeader adds what the edge puts on every response of a vendor behind it.
func edgeHeader(h http.Header, m fakeprovider.Meta) {
	h["Connection"] = []string{"keep-alive"}
	h["Server"] = []string{"cloudflare"}
	h["CF-RAY"] = []string{draw(m.Rand, hexDigits, 16) + "-SJC"}
}

// respond completes a response with its length.
func respond(status int, h http.Header, body []byte) fakeprovider.Response {
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	return fakeprovider.Response{Status: status, Header: h, Body: body}
}
