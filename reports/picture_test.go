package reports_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/reports"
)

// drawn returns the picture of runs.
func drawn(t *testing.T, runs ...reports.Run) string {
	t.Helper()
	var b strings.Builder
	stream := reports.NewSVG(&b, reports.Header{})
	for _, run := range runs {
		if err := stream.Add(run); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Close(reports.Summary{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wellFormed fails unless a picture is XML that loads nothing from elsewhere.
func wellFormed(t *testing.T, picture string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, picture)
		}
	}
	if found := regexp.MustCompile(`(?i)<script|href=|@import|url\([^#]`).FindString(picture); found != "" {
		t.Errorf("it has %s", found)
	}
}

func TestPicture(t *testing.T) {
	for _, run := range report().Runs {
		picture := drawn(t, run)
		wellFormed(t, picture)
		if len(run.Timeline) == 0 {
			if !strings.Contains(picture, "--timeline all keeps it") {
				t.Errorf("%s: it does not say why nothing is drawn", run.Label())
			}
			continue
		}
		for _, provider := range run.Providers {
			if !strings.Contains(picture, ">"+provider.Name+"</text>") {
				t.Errorf("%s: there is no lane of %s", run.Label(), provider.Name)
			}
		}
		if found := regexp.MustCompile(`NaN|Inf|%!`).FindString(picture); found != "" {
			t.Errorf("%s: it has %s", run.Label(), found)
		}
	}
}

func TestPictureEscapes(t *testing.T) {
	run := report().Runs[0]
	run.Scenario, run.Policy = `<script>&"`, "\xff"
	picture := drawn(t, run)
	wellFormed(t, picture)
	if !strings.Contains(picture, "&lt;script&gt;&amp;&#34;") {
		t.Error("the name is gone")
	}
}

func TestPictureIsBounded(t *testing.T) {
	var runs []reports.Run
	for i := range 30 {
		run := report().Runs[0]
		run.Scenario = fmt.Sprintf("s%d-", i)
		runs = append(runs, run)
	}
	picture := drawn(t, runs...)
	wellFormed(t, picture)
	if !strings.Contains(picture, "s23-") || strings.Contains(picture, "s24-") ||
		!strings.Contains(picture, ">and 6 runs more<") {
		t.Error("it does not draw 24 runs and count the rest")
	}
	wellFormed(t, drawn(t)) // of no runs at all
}
