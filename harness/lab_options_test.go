package harness_test

import (
	"net/http"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
)

func TestNewLab(t *testing.T) {
	own := &http.Client{}
	var said string
	lab := harness.NewLab(harness.LabOptions{
		Scenario: "healthy", Seed: 7, Explain: func(text string) { said += text },
		Upstreams: []harness.Upstream{
			{Name: "a", URL: "http://127.0.0.1:1", BaseURL: "http://127.0.0.1:1/v1"},
			{Name: "b", URL: "http://127.0.0.1:2", HTTPClient: own},
		},
	})
	lab.Explain("hm")
	a, b := lab.Upstream("a"), lab.Upstream("b")
	if lab.Scenario() != "healthy" || lab.Seed() != 7 || lab.Scale() != 1 || lab.Context().Err() != nil ||
		said != "hm" {
		t.Errorf("got %+v", lab)
	}
	if a.HTTPClient != lab.HTTPClient() || a.BaseURL != "http://127.0.0.1:1/v1" || b.HTTPClient != own ||
		b.BaseURL != b.URL {
		t.Errorf("got %+v and %+v", a, b)
	}
	harness.NewLab(harness.LabOptions{}).Explain("to nobody")
}
