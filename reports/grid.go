package reports

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is a table that fits a screen. A cell may have several lines.
type grid struct {
	head []string
	rows [][]string
}

// readable is the least width to which a column of sentences is narrowed.
const readable = 20

// render draws the grid: with a frame, without one, with its widest column narrowed, or as a list
// if nothing else fits.
func (g *grid) render(s Screen) string {
	widths := g.widths()
	switch over := frameless(widths) - s.Columns(); {
	case over <= -2:
		return g.table(true, -1, 0)
	case over <= 0:
		return g.table(false, -1, 0)
	default:
		if i := slices.Index(widths, slices.Max(widths)); widths[i]-over >= max(readable, g.longest(i)) {
			return g.table(false, i, widths[i]-over)
		}
	}
	return g.list(s)
}

// fits reports whether the grid is a table on a screen, with every cell as it is.
func (g *grid) fits(s Screen) bool { return frameless(g.widths()) <= s.Columns() }

// frameless returns the width of a table without a frame.
func frameless(widths []int) int {
	sum := 3*len(widths) - 1 //nolint:mnd // a space at each side, and a line between two
	for _, w := range widths {
		sum += w
	}
	return sum
}

// widths returns the width of each column.
func (g *grid) widths() []int {
	widths := make([]int, len(g.head))
	for _, row := range append([][]string{g.head}, g.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], text.LongestLineLen(cell))
		}
	}
	return widths
}

// longest returns the width of a column's longest word.
func (g *grid) longest(column int) int {
	longest := 0
	for _, row := range append([][]string{g.head}, g.rows...) {
		for _, w := range strings.Fields(row[column]) {
			longest = max(longest, wide(w))
		}
	}
	return longest
}

// table draws a table. The given column, -1 for none, is narrowed to a width.
func (g *grid) table(frame bool, narrowed, width int) string {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Format.HeaderVAlign = text.VAlignBottom
	style.Options.DrawBorder = frame
	t.SetStyle(style)
	if narrowed >= 0 {
		t.SetColumnConfigs([]table.ColumnConfig{{
			Number: narrowed + 1, WidthMax: width, WidthMaxEnforcer: text.WrapSoft,
		}})
	}
	t.AppendHeader(cellsOf(g.head))
	for _, row := range g.rows {
		t.AppendRow(cellsOf(row))
	}
	return t.Render() + "\n"
}

func cellsOf(row []string) table.Row {
	cells := make(table.Row, len(row))
	for i, cell := range row {
		cells[i] = cell
	}
	return cells
}

// list writes each row as its first cell, and below it the others with the heads of their columns.
func (g *grid) list(s Screen) string {
	var b strings.Builder
	for _, row := range g.rows {
		b.WriteString(inLine(row[0]) + "\n")
		for i, cell := range row[1:] {
			b.WriteString("  " + inLine(g.head[i+1]) + ": " + inLine(cell) + "\n")
		}
	}
	return s.Fold(b.String())
}

// inLine joins the lines of a cell. One that ends with a hyphen is a name that goes on.
func inLine(cell string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(cell, "-\n", "-"), "\n", " "))
}
