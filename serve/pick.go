package serve

import (
	"errors"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
)

// FaultHeader names the fault that a single request gets, in the form that scenarios.ParseFault
// reads.
const FaultHeader = "X-Chaosrun-Fault"

// pick returns the fault that a request asks for: by its header, or else by a model that ends in
// @FAULT, which it cuts off. An unknown name in the header is an error. A model may contain an @
// of its own, so there only the name of a fault counts.
func (s *Set) pick(r *http.Request, req *fakeprovider.Request) (fakeprovider.Fault, *fakeprovider.Problem) {
	if text := r.Header.Get(FaultHeader); text != "" {
		fault, err := s.o.Vocabulary.ParseFault(text)
		if err != nil {
			return nil, &fakeprovider.Problem{Status: http.StatusBadRequest, Message: FaultHeader + ": " + err.Error()}
		}
		return fault, nil
	}
	at := strings.LastIndexByte(req.Model, '@')
	if at < 0 {
		return nil, nil
	}
	fault, err := s.o.Vocabulary.ParseFault(req.Model[at+1:])
	switch {
	case errors.Is(err, scenarios.ErrNoSuchFault):
		return nil, nil // a version, as in claude-sonnet-4@20250514
	case err != nil:
		return nil, &fakeprovider.Problem{Status: http.StatusBadRequest, Message: "model: " + err.Error()}
	}
	req.Model = req.Model[:at]
	return fault, nil
}

// refused is the fault of a refused request in the journal and the counters.
const refused = "refused"

// faultOf returns the name of the fault that a request gets.
func faultOf(v fakeprovider.Visit) string {
	if v.Refusal != nil {
		return refused
	}
	if name := fakeprovider.NameOf(v.Fault); name != "" {
		return name
	}
	return "unnamed"
}
