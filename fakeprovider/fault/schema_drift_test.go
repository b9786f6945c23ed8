package fault_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestSchemaDrift(t *testing.T) {
	t.Parallel()
	shows(t, fault.SchemaDrift{}, `"delta":{"content":[" three-primary"]}`, "data: [DONE]")
	bounds(t, fault.SchemaDrift{})
	undoes(t, fault.SchemaDrift{}, withoutList)
	undoes(t, fault.SchemaDrift{How: fault.DriftUnknownField}, withoutUnknownFields)
	undoes(t, fault.SchemaDrift{How: fault.DriftNullChoices}, withoutNullEvent)
}

// withoutList takes away the brackets around one text.
func withoutList(_ *testing.T, got rig.Reply, healthy string) string {
	body := got.Body
	for range "[]" {
		at := shared(body, healthy)
		if at < len(body) {
			body = body[:at] + body[at+1:]
		}
	}
	return body
}

// withoutUnknownFields takes the field away from every object.
func withoutUnknownFields(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	for _, text := range documents(t, got.Body) {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
	}
	if !strings.Contains(got.Body, `{"x_unknown":[1,null]`) || strings.Contains(healthy, "x_unknown") {
		t.Error("there is no unknown field")
	}
	return strings.ReplaceAll(strings.ReplaceAll(got.Body, `"x_unknown":[1,null],`, ""), `"x_unknown":[1,null]`, "")
}

// withoutNullEvent takes the event away in which there is null; a body has null in place of the
// answer.
func withoutNullEvent(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	for _, text := range documents(t, got.Body) {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
	}
	if !strings.Contains(got.Body, "data: ") {
		if strings.Contains(got.Body, "Hello") {
			t.Error("the answer is there")
		}
		return healthy
	}
	at, more := shared(got.Body, healthy), len(got.Body)-len(healthy)
	if more <= 0 {
		t.Fatal("nothing was added")
	}
	return got.Body[:at] + got.Body[at+more:]
}
