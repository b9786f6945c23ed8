package fault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/scenarios"
)

// faultsPage is the page that TestPage keeps current.
const faultsPage = "../../docs/FAULTS.md"

// TestPage holds docs/FAULTS.md against what the faults say of themselves. It marks the worlds
// that a fault claims, in which the fault's own test looks at it.
func TestPage(t *testing.T) {
	t.Parallel()
	page := faultsText()
	if *rig.Update {
		if err := os.WriteFile(faultsPage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(filepath.Clean(faultsPage))
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if diff := cmp.Diff(string(golden), page); diff != "" {
		t.Errorf("docs/FAULTS.md is not current; run go test ./fakeprovider/fault -update (-page +faults):\n%s", diff)
	}
}

// levels lists the letters of the taxonomy's rows, in order.
var levels = []struct{ letter, title string }{
	{"C", "Connection"}, {"H", "HTTP"}, {"S", "Stream of events"}, {"M", "What is said"}, {"", "No fault"},
}

// levelOf returns the level of a fault's first row.
func levelOf(info fakeprovider.Info) string {
	if info.Name == "latency" {
		return "C" // it has no row, and lies below HTTP
	}
	if len(info.IDs) == 0 {
		return ""
	}
	return info.IDs[0][:1]
}

func faultsText() string {
	var b strings.Builder
	b.WriteString(`# Faults

<!-- Written by ` + "`go test ./fakeprovider/fault " +
		"-update`" + ` from the code and from what its tests saw; do not edit. -->

Each fault is an entry of ` + "`on_request`" + ` in a scenario, NAME=FAULT on the command line of ` + "`chaosrun serve`" + `, and a type of package
fakeprovider/fault. ` + "`chaosrun explain fault:NAME`" + ` shows one of them. Several can be played together, and each can be limited to some of the requests
([WRITING_A_SCENARIO.md](WRITING_A_SCENARIO.md)).

A ● stands where a test saw the fault: a client that knows no HTTP read the bytes, the errors and, in virtual time, the instants of
` + "[the goldens](../fakeprovider/fault/testdata/faults)" + `, and net/http made of it what stands there. **virtual** is a network in memory in virtual time, **loopback**
TCP with a client of the same process, **serve** TCP with anybody's client. Where a world cannot have a fault, a run there is *unknown* with the reason.

`)
	for _, level := range levels {
		if level.letter == "" {
			continue
		}
		fmt.Fprintf(&b, "## %s\n\n| row | fault | what happens | virtual | loopback | serve "+
			"|\n|---|---|---|:-:|:-:|:-:|\n", level.title)
		for _, info := range fault.All() {
			if levelOf(info) != level.letter {
				continue
			}
			fmt.Fprintf(&b, "| %s | [%s](#%s) | %s |", strings.Join(info.IDs, " "), info.Name, info.Name, info.Title)
			for _, world := range fakeprovider.Worlds() {
				mark := " – |"
				if fakeprovider.Cannot(info.Default, world) == nil {
					mark = " ● |"
				}
				b.WriteString(mark)
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	for _, level := range levels {
		for _, info := range fault.All() {
			if levelOf(info) == level.letter {
				b.WriteString(faultText(info))
			}
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// shortIssue matches a thread on GitHub, which has a short name.
var shortIssue = regexp.MustCompile(`^github\.com/([^/]+/[^/]+)/(?:issues|pull)/([0-9]+)$`)

// faultText returns the section of one fault.
func faultText(info fakeprovider.Info) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s. %s\n\n", info.Name, info.Title, info.Why)
	fmt.Fprintf(&b, "**Right:** %s\n\n", info.Right.Note)
	if asks := info.Asks(); asks != "" {
		fmt.Fprintf(&b, "**Needs** %s.\n\n", asks)
	}
	if all := scenarios.FaultParameters(info); len(all) > 0 {
		b.WriteString("| parameter | default | |\n|---|---|---|\n")
		for _, p := range all {
			value := ""
			if p.Default != "" {
				value = "`" + strings.ReplaceAll(p.Default, "|", `\|`) + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, value, strings.ReplaceAll(p.Description, "|", `\|`))
		}
		b.WriteString("\n")
	}
	for _, world := range fakeprovider.Worlds() {
		if why := info.Cannot[world]; why != "" {
			fmt.Fprintf(&b, "Not in %s: %s.\n\n", world, why)
		}
	}
	for i, issue := range info.Issues {
		separator := ", "
		if i == 0 {
			separator = "Seen in "
		}
		fmt.Fprintf(&b, "%s[%s](%s)", separator,
			shortIssue.ReplaceAllString(strings.TrimPrefix(issue, "https://"), "$1 #$2"), issue)
	}
	b.WriteString(".\n\n")
	return b.String()
}
