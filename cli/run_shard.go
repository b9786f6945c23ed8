package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/chaosrun/chaosrun/campaign"
)

// shard returns the part of the plan that this job makes.
func (r *runCmd) shard(c console) (campaign.Shard, error) {
	if r.Shard != "auto" {
		return campaign.ParseShard(r.Shard)
	}
	shard, system, err := campaign.AutoShard(os.Getenv)
	if err == nil && !r.Quiet {
		fmt.Fprintf(c.err, "%s: shard %d/%d, says %s\n", c.Program, shard.Index, shard.Of, system)
	}
	return shard, err
}

// nothingToRun returns the error of a plan without runs. That this shard has none is worth a line
// alone: there are more shards than runs.
func nothingToRun(c console, plan *campaign.Plan) error {
	switch {
	case plan.Whole() == 0:
		return &exitError{code: ExitUnknown, err: errors.New("nothing to run: no scenario is left after --tags")}
	case plan.Len() == 0:
		fmt.Fprintf(c.err, "%s: this shard is empty: the others make all %d runs\n", c.Program, plan.Whole())
	}
	return nil
}
