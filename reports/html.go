package reports

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of a page. A browser opens a page of this size in about a second.
const (
	// mostDrawn is how many runs a page may have that all keep their timelines. Of more, only those
	// that failed or are unknown, and the slowest of each cell, keep them.
	mostDrawn = 200
	// mostTimelines bounds the timelines in any case.
	mostTimelines = 1000
	// mostTold bounds the runs with a section of their own, and mostCells the cells of the table.
	// All others are counted.
	mostTold  = 5000
	mostCells = 5000
)

// NewHTML starts a page for a browser: one file that needs neither network nor script to be read,
// and whose script draws the lanes of each run. Its runs wait in a temporary file until Close.
func NewHTML(w io.Writer, header Header) Stream {
	return &htmlStream{w: w, header: header, matrix: newMatrix()}
}

// HTML writes a page for a browser; see [NewHTML].
func HTML(w io.Writer, r Report) error { return Kind{Open: NewHTML}.whole(w, r) }

type htmlStream struct {
	w      io.Writer
	header Header
	matrix *matrix
	// runs counts all runs, told those that wait in parts, and drawn those of them with data.
	runs, told, drawn int
	parts             spool
}

// htmlParts is the number of strings that the spool stores per run: what stands before its lanes,
// its data and what stands after them.
const htmlParts = 3

// Add buffers the section of the run.
func (s *htmlStream) Add(run Run) error {
	s.runs++
	cell := s.matrix.add(s.runs, run)
	if cell == nil || s.told == mostTold || s.runs > mostDrawn && !s.matrix.matters(s.runs) {
		return nil
	}
	s.told++
	s.matrix.tell(s.runs, cell, run.Verdict)
	parts := [htmlParts]string{}
	parts[0], parts[2] = sectionOf(s.runs, run)
	if len(run.Timeline) > 0 && s.drawn < mostTimelines {
		data, err := pageData(run)
		if err != nil {
			return fmt.Errorf("reports: html: %w", err)
		}
		parts[1] = string(data)
		s.drawn++
	}
	data := binary.AppendUvarint(nil, uint64(s.runs)) //nolint:gosec // a count is not negative
	for _, part := range parts {
		data = append(binary.AppendUvarint(data, uint64(len(part))), part...)
	}
	if _, err := s.parts.Write(data); err != nil {
		return fmt.Errorf("reports: html: %w", err)
	}
	return nil
}

// Close writes the page.
func (s *htmlStream) Close(total Summary) error {
	if err := errors.Join(s.write(total), s.parts.drop()); err != nil {
		return fmt.Errorf("reports: html: %w", err)
	}
	return nil
}

func (s *htmlStream) write(total Summary) error {
	in, err := s.parts.reader()
	if err != nil {
		return err
	}
	buffered, out := bufio.NewReader(in), bufio.NewWriter(s.w)
	var top markup
	pageTop(&top, "chaosrun report", s.header, pageScript, pageStyle)
	overview(&top, s.matrix, total, s.runs-s.told)
	fmt.Fprint(out, top.String())
	for range s.told {
		if err := s.section(buffered, out); err != nil {
			return err
		}
	}
	var bottom markup
	pageBottom(&bottom, pageScript)
	fmt.Fprint(out, bottom.String())
	return out.Flush()
}

// section copies one run of the spool.
func (s *htmlStream) section(in *bufio.Reader, out io.Writer) error {
	id, err := binary.ReadUvarint(in)
	if err != nil {
		return err
	}
	var parts [htmlParts]string
	for i := range parts {
		if parts[i], err = readPart(in); err != nil {
			return err
		}
	}
	var m markup
	m.put("%s", raw(parts[0]))
	switch {
	case parts[1] == "" || !s.keeps(int(id)): //nolint:gosec // it was an int
		m.put("<p class=\"note\">Its timeline was not kept: <code>--timeline all</code> keeps it")
		if s.runs > mostDrawn {
			m.put(". Of more than %d runs, the page has only the timelines of failures and of the slowest of each cell",
				mostDrawn)
		}
		m.put(".</p>\n")
	default:
		m.put("<div class=\"lanes\"><p class=\"note\">The lanes need JavaScript.</p></div>\n"+
			"<script type=\"application/json\" id=\"data-%d\">%s</script>\n", id, raw(parts[1]))
	}
	m.put("%s", raw(parts[2]))
	_, err = io.WriteString(out, m.String())
	return err
}

// keeps reports whether a run may keep its timeline.
func (s *htmlStream) keeps(id int) bool {
	return s.runs <= mostDrawn || s.matrix.matters(id)
}
