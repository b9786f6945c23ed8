package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// JSON writes chaosrun.report/v1, indented by two spaces.
func JSON(w io.Writer, r Report) error { return Kind{Open: NewJSON}.whole(w, r) }

// NewJSON starts a report as chaosrun.report/v1, indented by two spaces. It buffers the runs until
// Close, because the summary comes first.
func NewJSON(w io.Writer, header Header) Stream { return &jsonStream{w: w, header: header} }

type jsonStream struct {
	w      io.Writer
	header Header
	runs   spool
	some   bool
}

// Add buffers one run as an element of the list.
func (s *jsonStream) Add(run Run) error {
	if s.some {
		if _, err := io.WriteString(&s.runs, ","); err != nil {
			return fmt.Errorf("reports: json: %w", err)
		}
	}
	s.some = true
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("    ", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(run); err != nil {
		return fmt.Errorf("reports: json: %w", err)
	}
	if _, err := fmt.Fprintf(&s.runs, "\n    %s", bytes.TrimSuffix(text.Bytes(), []byte("\n"))); err != nil {
		return fmt.Errorf("reports: json: %w", err)
	}
	return nil
}

// Close writes the summary and then the runs.
func (s *jsonStream) Close(total Summary) error {
	if err := errors.Join(s.write(total), s.runs.drop()); err != nil {
		return fmt.Errorf("reports: json: %w", err)
	}
	return nil
}

// write encodes the report without runs, and inserts the runs before the closing brackets.
func (s *jsonStream) write(total Summary) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(Report{
		Schema: Schema, Version: s.header.Version, Seed: s.header.Seed, SDKVersions: s.header.SDKVersions,
		Plan: s.header.Plan, Summary: total, Runs: []Run{},
	})
	if err != nil || !s.some {
		return errors.Join(err, writeAll(s.w, text.Bytes()))
	}
	before := bytes.TrimSuffix(text.Bytes(), []byte("]\n}\n"))
	if err := writeAll(s.w, before); err != nil {
		return err
	}
	if err := s.runs.copyTo(s.w); err != nil {
		return err
	}
	return writeAll(s.w, []byte("\n  ]\n}\n"))
}

func writeAll(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}
