package protocol

import (
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A vendorError is one row of a vendor's table of errors.
type vendorError struct {
	status int
	// pick is the Problem.Code that chooses the row; the first row of a status is its usual one.
	pick string
	// kind, code and param are the body's fields; empty is null.
	kind, code, param string
	// message may hold {model}, {method}, {path}, {retry}, {org} and {uuid}.
	message string
	// plain rows come from the edge as plain text, page rows as HTML.
	plain, page bool
}

// choose returns the row for a problem. A status without a row gets the vendor's form with the
// words of the status.
func choose(table []vendorError, p fakeprovider.Problem, other vendorError) vendorError {
	if p.Code == fakeprovider.CodeEdgePage && table != nil {
		return vendorError{status: p.Status, page: true}
	}
	row, found := other, false
	row.status, row.message = p.Status, http.StatusText(p.Status)
	if p.Status == fakeprovider.StatusOverloaded {
		row.message = "Overloaded" // the status is Anthropic's, and so is the word
	}
	for _, candidate := range table {
		if candidate.status != p.Status {
			continue
		}
		if candidate.pick == p.Code {
			row = candidate
			break
		}
		if !found {
			row, found = candidate, true
			if p.Code != "" {
				row.code = p.Code
			}
		}
	}
	if p.Message != "" {
		row.message = p.Message
	}
	if p.Param != "" {
		row.param = p.Param
	}
	return row
}

// chooseEvent is choose for an error inside a response. The edge sends none there.
func chooseEvent(table []vendorError, p fakeprovider.Problem, other vendorError) vendorError {
	row := choose(table, p, other)
	if !row.page && !row.plain {
		return row
	}
	return choose(nil, p, other)
}

// fill returns the message with the words of the request.
func (e vendorError) fill(p fakeprovider.Problem, m fakeprovider.Meta) string {
	if p.Message != "" {
		return p.Message
	}
	return strings.NewReplacer(
		"{model}", m.Request.Model, "{method}", m.Request.Method, "{path}", m.Request.Path, "{retry}", retryOf(p),
		"{org}", orgOf(m.Provider),
		"{uuid}", uuidOf(m.Provider),
	).Replace(e.message)
}

// retryOf returns how many seconds the message of a rate limit names: those of Retry-After, or
// what a user was once told.
func retryOf(p fakeprovider.Problem) string {
	retry := p.Header.Get("Retry-After")
	if retry == "" || strings.Trim(retry, digits+".") != "" {
		return "1.78"
	}
	return retry
}

// orgOf returns the organisation of a provider, the same in all of its responses.
func orgOf(provider string) string {
	id := make([]byte, 24)
	state := uint64(14695981039346656037) // FNV-1a, so that a name always has the same organisation
	for i := range id {
		for _, b := range []byte(provider) {
			state = (state ^ uint64(b)) * 1099511628211
		}
		state = (state ^ uint64(i)) * 1099511628211
		id[i] = alphanum[state>>32%uint64(len(alphanum))]
	}
	return string(id)
}
