package target

import (
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/failover"
)

// reference is the name of the policy that the others are compared with.
const reference = "recommended"

// Target returns the built-in engine with its policies, for package cli.
func Target() campaign.Target {
	return campaign.Target{
		Name: Name, Title: "The built-in retry and fallback engine; --policy chooses its behaviour",
		Called: "the built-in engine",
		Why: "It calls providers through the vendors' official Go SDKs, in this process, so it can run in " +
			"virtual time.",
		Policies: shipped{}, Versions: SDKVersions,
	}
}

// Variants returns a variant of the built-in engine per policy.
func Variants(policies ...failover.Policy) []campaign.Variant {
	variants := make([]campaign.Variant, len(policies))
	for i, p := range policies {
		variants[i] = campaign.Variant{
			Name: p.Name, Target: Name, Factory: Factory(p), Declared: p.Fails, Reference: p.Name == reference,
			Arguments: []string{"--policy", p.Name}, Title: p.Title, Why: p.Why, Issue: p.Issue,
		}
	}
	return variants
}

// shipped provides the shipped policies, and parses policy files.
type shipped struct{}

var _ campaign.Policies = shipped{}

// All returns the shipped policies as variants, sorted by name.
func (shipped) All() []campaign.Variant { return Variants(failover.Policies()...) }

// Load parses a policy file.
func (shipped) Load(file string, data []byte) (campaign.Variant, error) {
	p, err := failover.LoadPolicy(file, data)
	if err != nil {
		return campaign.Variant{}, err //nolint:wrapcheck // Problems
	}
	return Variants(p)[0], nil
}
