package cli_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
)

// talk runs the worker command on lines, and returns its exit code and output.
func talk(o cli.Options, lines string, args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	o.Args, o.Stdin, o.Stdout, o.Stderr = append([]string{"worker"}, args...), strings.NewReader(lines), &out, &log
	code = cli.Main(o)
	return code, out.String(), log.String()
}

const aRun = `{"v":1,"run":{"scenario":"s","seed":1,"upstreams":[]}}` + "\n"

// A program with an engine of its own is a worker too.
func TestWorker(t *testing.T) {
	code, out, log := talk(own(), aRun)
	if want := `{"run":true,"engine":"mine"}` + "\n"; code != cli.ExitPassed || out != want {
		t.Errorf("got %d and %q, want %q\n%s", code, out, want, log)
	}
	code, out, log = talk(own(), aRun+"nonsense\n")
	if code != cli.ExitData || !strings.Contains(log, "a line that is not JSON") || out == "" {
		t.Errorf("got %d and %q\n%s", code, out, log)
	}
}

func TestWorkerChoosesOneEngine(t *testing.T) {
	code, _, log := talk(own(), aRun, "--target", "mien")
	if code != cli.ExitUsage || !strings.Contains(log, `did you mean "mine"`) {
		t.Errorf("got %d\n%s", code, log)
	}
	code, _, log = talk(cli.Options{Args: nil}, aRun)
	if code == cli.ExitPassed || log == "" {
		t.Errorf("without an engine: got %d\n%s", code, log)
	}
	both := own()
	both.Targets = append(both.Targets, campaign.Target{Name: "other", Policies: twoPolicies{}})
	code, _, log = talk(both, aRun, "--target", "other")
	if code != cli.ExitUsage || !strings.Contains(log, "choose it with --target and --policy; one of a, b") {
		t.Errorf("got %d\n%s", code, log)
	}
	if code, out, log := talk(both, aRun, "--target", "other", "--policy", "b"); code != cli.ExitPassed ||
		!strings.Contains(out, `"engine":"b"`) {
		t.Errorf("got %d and %q\n%s", code, out, log)
	}
}

// twoPolicies are policies without a reference.
type twoPolicies struct{}

func (twoPolicies) All() []campaign.Variant {
	return []campaign.Variant{{Name: "a", Factory: newTarget}, {Name: "b", Factory: newTarget}}
}

func (twoPolicies) Load(string, []byte) (campaign.Variant, error) {
	return campaign.Variant{}, io.ErrUnexpectedEOF
}
