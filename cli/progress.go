package cli

import "fmt"

// progress shows a counter if standard error is a terminal.
type progress struct {
	c     console
	done  int
	total int
	shown bool
}

func newProgress(c console, total int, quiet bool) *progress {
	return &progress{c: c, total: total, shown: c.errTTY && !quiet}
}

func (p *progress) step() {
	p.done++
	if p.shown {
		fmt.Fprintf(p.c.err, "\r%d/%d", p.done, p.total)
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.c.err, "\r\033[K")
	}
}
