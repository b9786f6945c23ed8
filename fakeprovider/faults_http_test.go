package fakeprovider_test

// httpFaults are the rows H1 to H25.
var httpFaults = map[string][]string{
	"rate-limited":      {"HTTP/1.1 429 Too Many Requests", "rate_limit_exceeded"},
	"length-and-chunks": {`| Content-Length: 16\r\n`, `| Transfer-Encoding: chunked\r\n`, "= read: EOF", "plain: 200 OK"},
}
