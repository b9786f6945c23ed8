package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

// defaultPage is the file of the page beside a failed run, in the current folder.
const defaultPage = "chaosrun-report.html"

// A failurePage is written only if a run failed or is unknown. That it cannot be written never
// changes the exit code. A nil page is none.
type failurePage struct {
	stream reports.Stream
	out    io.WriteCloser
	// wanted lets what the stream writes through.
	wanted bool
	failed error
}

// page starts the page of a run, nil if the command line asks for none or for one of its own.
func (r *runCmd) page(c console) *failurePage {
	own := func(report string) bool { return strings.HasPrefix(report, "html=") }
	if r.NoHTML || r.Lane != "" || slices.ContainsFunc(r.Report, own) {
		return nil
	}
	p := &failurePage{out: campaign.Sink{Kind: "html", Path: defaultPage}.Open(c.out)}
	p.stream = reports.NewHTML(p, reports.Header{
		Version: programVersion(), Seed: r.Seed, SDKVersions: c.Targets.Versions(),
	})
	return p
}

// Write passes data on, or drops it if no page is wanted.
func (p *failurePage) Write(data []byte) (int, error) {
	if !p.wanted {
		return len(data), nil
	}
	return p.out.Write(data) //nolint:wrapcheck // it names the file
}

// with returns add with the page before it.
func (p *failurePage) with(add func(reports.Run) error) func(reports.Run) error {
	if p == nil {
		return add
	}
	return func(run reports.Run) error {
		if p.failed == nil {
			p.failed = p.stream.Add(run)
		}
		return add(run)
	}
}

// close writes the page if something failed or is unknown, and prints its path or why there is
// none.
func (p *failurePage) close(c console, total reports.Summary) {
	if p == nil {
		return
	}
	p.wanted = total.Failed+total.Unknown > 0 && p.failed == nil
	err := p.stream.Close(total)
	err = cmp.Or(p.failed, err, p.out.Close())
	switch {
	case err != nil:
		fmt.Fprintf(c.err, "%s: no page was written: %v\n", c.Program, err)
	case p.wanted:
		fmt.Fprintf(c.err, "page: %s\n", defaultPage)
	}
}
