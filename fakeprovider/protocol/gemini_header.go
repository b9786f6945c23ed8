package protocol

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

const (
	geminiJSONType = "application/json; charset=UTF-8"
	base64URL      = alphanum + "-_"
)

// geminiHeader returns the header of every response. It has no rate limits. The duration is the
// server's own, in milliseconds.
func geminiHeader(m fakeprovider.Meta) http.Header {
	return http.Header{
		"Alt-Svc":                {`h3=":443"; ma=2592000,h3-29=":443"; ma=2592000`},
		"Server":                 {"scaffolding on HTTPServer2"},
		"Server-Timing":          {"gfet4t7; dur=" + strconv.Itoa(400+m.Rand.IntN(1200))},
		"Vary":                   {"Origin, X-Origin, Referer"},
		"X-Content-Type-Options": {"nosniff"},
		"X-Frame-Options":        {"SAMEORIGIN"},
		"X-XSS-Protection":       {"0"},
	}
}

// googleReasons are the sentences of Google's front end.
//
//nolint:gochecknoglobals // an immutable table
var googleReasons = map[int]string{
	http.StatusNotFound:              "The requested URL was not found on this server.",
	http.StatusMethodNotAllowed:      "The request method is inappropriate for the URL.",
	http.StatusRequestTimeout:        "Your client has taken too long to issue its request.",
	http.StatusRequestEntityTooLarge: "Your client issued a request that was too large.",
	http.StatusInternalServerError: "The server encountered an error and could not complete your request. Please " +
		"try again in 30 seconds.",
	http.StatusBadGateway: "The server encountered a temporary error and could not complete your request. " +
		"Please try again in 30 seconds.",
	http.StatusServiceUnavailable: "The service you requested is not available at this time.",
	http.StatusGatewayTimeout:     "The server did not respond in time. Please try again in 30 seconds.",
}

// googlePage returns a page of Google's front end: HTML, without the API's headers.
func googlePage(status int, m fakeprovider.Meta) fakeprovider.Response {
	title := http.StatusText(status)
	if status == http.StatusRequestEntityTooLarge {
		title = sse.EdgeReasons[status]
	}
	reason, ok := googleReasons[status]
	if !ok {
		reason = "There was an error."
	}
	body := fmt.Sprintf("<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n"+
		"  <meta name=viewport content=\"initial-scale=1, minimum-scale=1, width=device-width\">\n"+
		"  <title>Error %d (%s)!!1</title>\n  <a href=//www.google.com/><span id=logo aria-label=Google></span></a>\n"+
		"  <p><b>%d.</b> <ins>That’s an error.</ins>\n  <p>%s  <ins>That’s all we know.</ins>\n", status, title, status,
		reason)
	return respond(status, http.Header{
		"Content-Type": {"text/html; charset=UTF-8"}, "Referrer-Policy": {"no-referrer"},
		"Alt-Svc": geminiHeader(m)["Alt-Svc"],
	}, []byte(body))
}
