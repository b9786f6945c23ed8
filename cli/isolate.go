package cli

import (
	"slices"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/targets"
)

// isolate returns the variants, each in a process of its own, for --isolate.
func isolate(variants []campaign.Variant) []campaign.Variant {
	all := slices.Clone(variants)
	for i, v := range all {
		all[i] = targets.Isolate(v)
		if !v.Outside {
			all[i].Arguments = append(slices.Clone(v.Arguments), "--isolate") // what repeats a run
		}
	}
	return all
}
