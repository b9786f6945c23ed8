package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

// erase removes the line that the cursor is in.
const erase = "\r\033[K"

// progress shows in one line how many runs are finished and how long the rest takes, if standard
// error is a terminal. Whatever else is written to standard error in the meantime has the line to
// itself. It is safe for concurrent use.
type progress struct {
	w     io.Writer
	on    reports.Screen
	shown bool
	done  chan struct{} // closed by stop
	over  chan struct{} // closed after the last write

	mu   sync.Mutex
	now  campaign.Progress
	ends time.Time // when the last run ends, at the speed so far; zero in virtual time
}

// newProgress returns a progress, which shows nothing until start.
func newProgress(c console, quiet bool) *progress {
	return &progress{
		w: c.err, on: screenOf(c.err), shown: c.errTTY && !quiet, done: make(chan struct{}), over: make(chan struct{}),
	}
}

// hook returns the function that a plan calls, or nil if nothing is shown.
func (p *progress) hook() func(campaign.Progress) {
	if !p.shown {
		return nil
	}
	return p.update
}

// update notes what is finished, and shows it.
func (p *progress) update(now campaign.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now, p.ends = now, time.Time{}
	if now.Left > 0 {
		p.ends = time.Now().Add(now.Left)
	}
	p.show()
}

// show writes the line. The caller holds mu.
func (p *progress) show() {
	if p.now.Of == 0 {
		return
	}
	text := fmt.Sprintf("%d/%d", p.now.Done, p.now.Of)
	if left := time.Until(p.ends).Round(time.Second); !p.ends.IsZero() && left > 0 {
		text += fmt.Sprintf(", about %s left", left)
	}
	fmt.Fprint(p.w, erase+p.on.Cut(text))
}

// Write writes to standard error: it takes the line away, and shows it again below.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.shown || p.now.Of == 0 {
		return p.w.Write(data) //nolint:wrapcheck // it is standard error
	}
	fmt.Fprint(p.w, erase)
	n, err := p.w.Write(data)
	if n > 0 && data[n-1] == '\n' {
		p.show()
	}
	return n, err //nolint:wrapcheck // it is standard error
}

// start shows the line and then counts down each second.
func (p *progress) start() {
	if !p.shown {
		close(p.over)
		return
	}
	go func() {
		defer close(p.over)
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-p.done:
				p.mu.Lock()
				fmt.Fprint(p.w, erase)
				p.now = campaign.Progress{}
				p.mu.Unlock()
				return
			case <-second.C:
				p.mu.Lock()
				p.show()
				p.mu.Unlock()
			}
		}
	}()
}

// stop removes the line.
func (p *progress) stop() {
	close(p.done)
	<-p.over
}
