package fakeprovider

import (
	"fmt"
	"net/http"
	"strconv"
)

// edgeReasons are the reasons of the statuses that only Cloudflare uses.
//
//nolint:gochecknoglobals // an immutable table
var edgeReasons = map[int]string{
	413: "Request Entity Too Large",
	520: "Web server is returning an unknown error",
	521: "Web server is down",
	522: "Connection timed out",
	523: "Origin is unreachable",
	524: "A timeout occurred",
}

// edgePage is what the edge in front of a vendor answers by itself: a page of HTML, with the edge's headers alone.
// Users meet it in the place of a vendor's JSON (claude-code #3197).
func edgePage(status int, m Meta) Response {
	h := http.Header{"Content-Type": {"text/html"}}
	edgeHeader(h, m)
	return respond(status, h, edgeHTML(status, "cloudflare"))
}

// edgeHTML is the page of a server of nginx's family, which signs it.
func edgeHTML(status int, server string) []byte {
	reason, ok := edgeReasons[status]
	if !ok {
		reason = http.StatusText(status)
	}
	title := fmt.Sprintf("%d %s", status, reason)
	return []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>" + server + "</center>\r\n</body>\r\n</html>\r\n")
}

// edgeErrors are rows for statuses that the edge answers in the vendor's place.
func edgeErrors(statuses ...int) []vendorError {
	rows := make([]vendorError, 0, len(statuses))
	for _, status := range statuses {
		rows = append(rows, vendorError{status: status, page: true})
	}
	return rows
}

// edgeHeader adds what the edge puts on every response of a vendor behind it.
func edgeHeader(h http.Header, m Meta) {
	h["Connection"] = []string{"keep-alive"}
	h["Server"] = []string{"cloudflare"}
	h["CF-RAY"] = []string{draw(m.Rand, hexDigits, 16) + "-SJC"}
}

// respond completes a response with its length.
func respond(status int, h http.Header, body []byte) Response {
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	return Response{Status: status, Header: h, Body: body}
}
