package sse

import (
	"fmt"
	"net/http"
)

// edgeReasons are the reasons of the statuses that only Cloudflare uses.
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

// edgeHTML is the page of a server of nginx's family, which signs it.
func ErrorPage(status int, server string) []byte {
	reason, ok := EdgeReasons[status]
	if !ok {
		reason = http.StatusText(status)
	}
	title := fmt.Sprintf("%d %s", status, reason)
	return []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>" + server + "</center>\r\n</body>\r\n</html>\r\n")
}
