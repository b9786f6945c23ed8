package cli

import "github.com/chaosrun/chaosrun/campaign"

// variants returns the engines that --target, --policy and --set choose.
func (c console) variants(targets, policies, settings []string) ([]campaign.Variant, error) {
	if len(settings) > 0 {
		return nil, usage("--set %s: no target has settings", settings[0])
	}
	return c.Targets.Choose(targets, policies) //nolint:wrapcheck // its text is for the user
}
