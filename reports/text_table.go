package reports

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A textTable is a table that fits a screen. A cell may have several lines.
type textTable struct {
	head []string
	rows [][]string
}

// readable is the least width to which a column of sentences is narrowed.
const readable = 20

// render draws the table: with a frame, without one, with its widest column narrowed, or as a list
// if nothing else fits.
func (t *textTable) render(s Screen) string {
	widths := t.widths()
	switch over := frameless(widths) - s.Columns(); {
	case over <= -2:
		return t.table(true, -1, 0)
	case over <= 0:
		return t.table(false, -1, 0)
	default:
		if i := slices.Index(widths, slices.Max(widths)); widths[i]-over >= max(readable, t.longest(i)) {
			return t.table(false, i, widths[i]-over)
		}
	}
	return t.list(s)
}

// fits reports whether it is a table on a screen, with every cell as it is.
func (t *textTable) fits(s Screen) bool { return frameless(t.widths()) <= s.Columns() }

// frameless returns the width of a table without a frame.
func frameless(widths []int) int {
	sum := 3*len(widths) - 1 //nolint:mnd // a space at each side, and a line between two
	for _, w := range widths {
		sum += w
	}
	return sum
}

// widths returns the width of each column.
func (t *textTable) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], text.LongestLineLen(cell))
		}
	}
	return widths
}

// longest returns the width of a column's longest word.
func (t *textTable) longest(column int) int {
	longest := 0
	for _, row := range append([][]string{t.head}, t.rows...) {
		for w := range strings.FieldsSeq(row[column]) {
			longest = max(longest, wide(w))
		}
	}
	return longest
}

// table draws a table. The given column, -1 for none, is narrowed to a width.
func (t *textTable) table(frame bool, narrowed, width int) string {
	w := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Format.HeaderVAlign = text.VAlignBottom
	style.Options.DrawBorder = frame
	w.SetStyle(style)
	if narrowed >= 0 {
		w.SetColumnConfigs([]table.ColumnConfig{{
			Number: narrowed + 1, WidthMax: width, WidthMaxEnforcer: text.WrapSoft,
		}})
	}
	w.AppendHeader(cellsOf(t.head))
	for _, row := range t.rows {
		w.AppendRow(cellsOf(row))
	}
	return w.Render() + "\n"
}

func cellsOf(row []string) table.Row {
	cells := make(table.Row, len(row))
	for i, cell := range row {
		cells[i] = cell
	}
	return cells
}

// list writes each row as its first cell, and below it the others with the heads of their columns.
func (t *textTable) list(s Screen) string {
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(inLine(row[0]) + "\n")
		for i, cell := range row[1:] {
			b.WriteString("  " + inLine(t.head[i+1]) + ": " + inLine(cell) + "\n")
		}
	}
	return s.Fold(b.String())
}

// inLine joins the lines of a cell. One that ends with a hyphen is a name that goes on.
func inLine(cell string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(cell, "-\n", "-"), "\n", " "))
}
