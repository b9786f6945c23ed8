package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

// tracesVariable tells this program, started again without a network or in virtual time, where to
// leave the traces that the first process pushes: UNIXNANO:FILE, with when the runs ended.
const tracesVariable = "CHAOSRUN_TRACES"

// traces say where the traces to push go. The zero value is nowhere.
type traces struct {
	file  string
	ended time.Time
}

// sink adds the sink and the kind of the traces.
func (t traces) sink(sinks []campaign.Sink, kinds []reports.Kind) ([]campaign.Sink, []reports.Kind) {
	if t.file == "" {
		return sinks, kinds
	}
	sink, kind := campaign.TracesOf(t.file, t.ended)
	return append(sinks, sink), append(kinds, kind)
}

// otlpFlags push traces.
type otlpFlags struct {
	OTLP string `name:"otlp" placeholder:"URL" help:"Push a trace of each run to an OpenTelemetry collector, by OTLP/HTTP in JSON: --otlp http://localhost:4318. Headers come from OTEL_EXPORTER_OTLP_HEADERS."`
}

// pushing calls do, and then pushes the traces that it left, if they are asked for. Traces that
// cannot be pushed are a report that could not be written.
func (f otlpFlags) pushing(c console, quiet bool, do func(console) error) error {
	if f.OTLP == "" {
		return do(c)
	}
	if at, file, inner := strings.Cut(os.Getenv(tracesVariable), ":"); inner && c.ours() {
		nanos, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", tracesVariable, err)
		}
		c.traces = traces{file: file, ended: time.Unix(0, nanos)}
		return do(c)
	}
	push, err := campaign.NewPush(f.OTLP, os.Getenv)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	folder, err := os.MkdirTemp("", "chaosrun-traces-")
	if err != nil {
		return &campaign.OutputError{Err: err}
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a folder of temporary files
	c.traces = traces{file: filepath.Join(folder, "traces.jsonl"), ended: time.Now()}
	if c.ours() {
		value := fmt.Sprintf("%d:%s", c.traces.ended.UnixNano(), c.traces.file)
		if err := os.Setenv(tracesVariable, value); err != nil {
			return err //nolint:wrapcheck // it says enough
		}
	}
	verdict := do(c)
	unsent := push.Send(c.ctx, c.traces.file)
	if unsent == nil && push.Sent > 0 && !quiet {
		fmt.Fprintf(c.err, "%s: %d traces pushed to %s\n", c.Program, push.Sent, push)
	}
	return c.beside(verdict, unsent)
}
