package sse

import (
	"fmt"
	"net/http"
)

// EdgeReasons maps statuses to the reason phrases of an edge, most of them Cloudflare's own.
//
//nolint:gochecknoglobals // an immutable table
var EdgeReasons = map[int]string{
	413: "Request Entity Too Large",
	520: "Web server is returning an unknown error",
	521: "Web server is down",
	522: "Connection timed out",
	523: "Origin is unreachable",
	524: "A timeout occurred",
}

// ErrorPage returns the HTML page of a server of nginx's family, which signs it with its name.
func ErrorPage(status int, server string) []byte {
	reason, ok := EdgeReasons[status]
	if !ok {
		reason = http.StatusText(status)
	}
	title := fmt.Sprintf("%d %s", status, reason)
	return []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>" + server + "</center>\r\n</body>\r\n</html>\r\n")
}
