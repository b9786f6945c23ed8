package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes chaosrun.report/v1, indented by two spaces.
func JSON(w io.Writer, r Report) error {
	r.Schema = Schema
	if r.Runs == nil {
		r.Runs = []Run{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("reports: json: %w", err)
	}
	return nil
}
