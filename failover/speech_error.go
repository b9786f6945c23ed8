package failover

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errParse reports a response that violates the protocol, if the SDK has no type for that.
var errParse = errors.New("response violates the protocol")

// requireTexts returns an error if a field, given as JSON, is set and is not a text. SDKs may
// accept such a field as a text.
func requireTexts(fields ...string) error {
	for _, raw := range fields {
		if raw != "" && raw != "null" && !strings.HasPrefix(raw, `"`) {
			return fmt.Errorf("%w: expected a text, got %.20s", errParse, raw)
		}
	}
	return nil
}

// errRefusal reports that the model refuses to answer.
var errRefusal = errors.New("the model refuses to answer")

// A providerError holds an error object that a provider sent in place of an answer and that its SDK
// does not recognise.
type providerError struct{ object json.RawMessage }

// Error returns the object.
func (e *providerError) Error() string { return "the provider said: " + string(e.object) }

// A blockedError is a prompt that a provider's safety filter blocked.
type blockedError struct{ reason, message string }

// Error returns the reason.
func (e *blockedError) Error() string {
	return strings.TrimSuffix("the prompt is blocked: "+e.reason+": "+e.message, ": ")
}

// vendorDetail holds one of the details of Google's errors, of any type.
type vendorDetail struct {
	Reason     string `json:"reason"`     // ErrorInfo
	RetryDelay string `json:"retryDelay"` // RetryInfo
	Violations []struct {
		QuotaID string `json:"quotaId"`
	} `json:"violations"` // QuotaFailure
}

// readError reads a vendor's error object, or a text in its place.
func (e *AttemptError) readError(body []byte) {
	var object struct {
		Type     string `json:"type"`
		Message  string `json:"message"`
		Status   string `json:"status"` // Google's word for it
		Code     any    `json:"code"`   // a text or a number
		Metadata struct {
			Raw json.RawMessage `json:"raw"` // a text, or the upstream's own error
		} `json:"metadata"`
		Details  json.RawMessage `json:"details"` // a list where it is Google's
		ResetsIn json.Number     `json:"resets_in_seconds"`
	}
	if json.Unmarshal(body, &object) != nil {
		_ = json.Unmarshal(body, &e.Message) // if it is neither, there is no message
		return
	}
	var word, number string
	switch code := object.Code.(type) {
	case string:
		word = code
	case float64:
		number = strconv.FormatFloat(code, 'f', -1, 64)
	}
	e.Code, e.Message = firstOf(word, object.Type, object.Status, number), object.Message
	if json.Unmarshal(object.Metadata.Raw, &e.upstream) != nil {
		e.upstream = string(object.Metadata.Raw)
	}
	if object.ResetsIn != "" {
		e.RetryDelay = object.ResetsIn.String() + "s"
	}
	e.readDetails(object.Details)
}

// readDetails reads the details of Google's errors.
func (e *AttemptError) readDetails(details json.RawMessage) {
	var list []vendorDetail
	if json.Unmarshal(details, &list) != nil {
		return // the error is another vendor's
	}
	var quotas []string
	for _, d := range list {
		e.RetryDelay = firstOf(e.RetryDelay, d.RetryDelay)
		if d.Reason != "" {
			e.Code = d.Reason // API_KEY_INVALID says more than INVALID_ARGUMENT
		}
		for _, v := range d.Violations {
			quotas = append(quotas, v.QuotaID)
		}
	}
	e.quota = strings.Join(quotas, " ")
}
