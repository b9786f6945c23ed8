package interop_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/reports"
)

// TestStoredReportsAreEqual checks that each kind of report has the same bytes when it is written
// of the stored JSON report.
func TestStoredReportsAreEqual(t *testing.T) {
	report := catalogue(t)
	var stored bytes.Buffer
	if err := reports.JSON(&stored, report); err != nil {
		t.Fatal(err)
	}
	var again reports.Report
	if err := json.Unmarshal(stored.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	for _, kind := range reports.Kinds() {
		write, err := reports.ForKind(kind)
		if err != nil {
			t.Fatal(err)
		}
		var want, got bytes.Buffer
		if err := write(&want, report); err != nil {
			t.Fatal(err)
		}
		if err := write(&got, again); err != nil {
			t.Fatal(err)
		}
		if want.Len() == 0 {
			t.Errorf("%s is empty", kind)
		}
		if !bytes.Equal(want.Bytes(), got.Bytes()) {
			t.Errorf("%s of a stored report (-want +got):\n%.2000s", kind, cmp.Diff(want.String(), got.String()))
		}
	}
}
