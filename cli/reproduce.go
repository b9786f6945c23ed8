package cli

import (
	"fmt"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

type reproduceCmd struct {
	Issue string `arg:"" optional:"" help:"A number, owner/repo#number or the issue's URL. Default: the report behind this project, explained."`

	Real    bool   `help:"Also run the reported software itself, and compare it with the policy that models it. Default: the policies alone."`
	Install bool   `help:"With --real: install the software first if it is missing."`
	Seed    uint64 `default:"1" help:"Seed of all random choices. Default: 1."`
}

// Help returns the text below the flags.
func (reproduceCmd) Help() string {
	return `Example:
  chaosrun reproduce
  chaosrun reproduce 22277
  chaosrun reproduce 22277 --real --install

It runs every scenario of the issue under every shipped policy: the engine with the bug, the fix that landed, the
proposed fixes, and the recommended policy. It shows the time to fallback, and the price of each policy: whether it
abandons a slow but healthy stream.

Exit codes: 0 every policy behaves as it declares; 1 a policy's verdict differs from the declared one, or recommended
fails.
With --real: 1 the software differs from its policy, 3 it is not installed or could not be judged.`
}

// flagship is the report behind this project.
const flagship = "22277"

// explanation comes before the flagship's comparison, if nobody asked for an issue.
const explanation = `A provider sends heartbeats and no token. The engine of the report waits five
minutes, kills the stream and asks the same provider again, three times. The
user waits a quarter of an hour while a healthy fallback stands by. Here it is beside its fixes, in virtual time:

`

// Run prints the comparison.
func (r *reproduceCmd) Run(c console) error {
	if r.Issue == "" {
		r.Issue = flagship
		fmt.Fprint(c.out, c.screen.Prose(explanation))
	}
	switch {
	case r.Real:
		return r.real(c)
	case r.Install:
		return usage("--install needs --real")
	}
	comparison, err := campaign.Compare(r.Issue, c.Targets.All(), campaign.Options{Seed: r.Seed, Program: c.Program})
	if err != nil {
		return err
	}
	if err := comparison.Text(c.out, c.screen); err != nil {
		return err
	}
	for _, s := range comparison.Surprises {
		c.say("unexpected: %s %s, but its policy declares %s\n  replay: %s\n", s.Run.Label(),
			s.Run.Verdict, s.Want, reports.Unbroken(s.Run.Replay))
	}
	switch {
	case len(comparison.Surprises) > 0:
		return &exitError{code: ExitFailed}
	case comparison.Reference == "":
		c.say("Every policy behaves as it declares.\n")
	default:
		c.say("Every policy behaves as it declares, and %s passes.\n", comparison.Reference)
	}
	return nil
}
