package campaign

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A Target is an engine that a command can test, with the policies that it can behave by.
type Target struct {
	// Name chooses it; Title says in one line what it is, and Why what to know of it.
	Name, Title, Why string
	// Called is how help texts call it: "the built-in engine". Default: its name.
	Called string
	// Factory builds the engine. It is not used where there are Policies.
	Factory harness.Factory
	// Policies are the ways in which the engine can behave. Default: it has one way.
	Policies Policies
	// Versions returns the versions of the libraries that the engine calls through, for reports.
	// Default: none.
	Versions func() map[string]string
}

// Policies are the ways in which one engine can behave.
type Policies interface {
	// All returns the policies that ship, by name, as variants without Target and Arguments.
	All() []Variant
	// Load reads a policy from the text of a file. The error lists every problem with its place.
	Load(file string, data []byte) (Variant, error)
}

// All returns every variant that ships: the policies, or the target itself.
func (t Target) All() []Variant {
	if t.Policies == nil {
		return []Variant{{Name: t.Name, Target: t.Name, Title: t.Title, Factory: t.Factory}}
	}
	all := slices.Clone(t.Policies.All())
	for i := range all {
		all[i] = t.named(all[i], all[i].Name)
	}
	return all
}

// named completes a policy's variant with the word that it was chosen by.
func (t Target) named(v Variant, arg string) Variant {
	v.Target, v.Arguments = t.Name, []string{"--policy", arg}
	return v
}

// Choose returns the variants that names and files of policies stand for. None is the reference, or
// all where there is none.
func (t Target) Choose(policies []string) ([]Variant, error) {
	all := t.All()
	if len(policies) == 0 {
		if i := slices.IndexFunc(all, func(v Variant) bool { return v.Reference }); i >= 0 {
			return all[i : i+1], nil
		}
		return all, nil
	}
	if t.Policies == nil {
		return nil, usage("policy", "{option} %s: the target %s has no policies", policies[0], t.Name)
	}
	var chosen []Variant
	for _, arg := range policies {
		v, err := t.policy(all, arg)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, v)
	}
	return chosen, nil
}

func (t Target) policy(all []Variant, arg string) (Variant, error) {
	if IsFile(arg) {
		data, err := os.ReadFile(arg)
		if err != nil {
			return Variant{}, usage("", "%v", err)
		}
		v, err := t.Policies.Load(arg, data)
		if err != nil {
			return Variant{}, err //nolint:wrapcheck // its text is for the user
		}
		return t.named(v, arg), nil
	}
	var names []string
	for _, v := range all {
		if v.Name == arg {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return Variant{}, usage("", "no such policy: %q%s", arg, DidYouMean(arg, names))
}

// Targets are the engines that a command can test. The first is the one that it tests unless
// another one is named.
type Targets []Target

// All returns every variant that ships of every target.
func (all Targets) All() []Variant {
	var variants []Variant
	for i := range all {
		variants = append(variants, all.called(i, all[i].All())...)
	}
	return variants
}

// Choose returns the variants that names of targets and policies stand for.
func (all Targets) Choose(targets, policies []string) ([]Variant, error) {
	if len(all) == 0 {
		return nil, noEngine()
	}
	if len(targets) == 0 {
		targets = []string{all[0].Name}
	}
	var variants []Variant
	var names, seen []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	for _, name := range targets {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, usage("", "no such target: %q%s", name, DidYouMean(name, names))
		}
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		chosen, err := all[i].Choose(policies)
		if err != nil {
			return nil, err
		}
		variants = append(variants, all.called(i, chosen)...)
	}
	return variants, nil
}

// LoadPolicy reads a policy file of the first target that understands it. The error is that of the
// first target with policies; known is false if there is none.
func (all Targets) LoadPolicy(file string, data []byte) (v Variant, known bool, err error) {
	for _, t := range all {
		if t.Policies == nil {
			continue
		}
		loaded, problem := t.Policies.Load(file, data)
		if problem == nil {
			return loaded, true, nil
		}
		if !known {
			known, err = true, problem
		}
	}
	return v, known, err
}

// Describe describes the target.
func (t Target) Describe() scenarios.Description {
	return scenarios.Description{Kind: "target", Name: t.Name, Title: t.Title, Why: t.Why}
}

// Describe describes the variant as a policy.
func (v Variant) Describe() scenarios.Description {
	more := ""
	if len(v.Declared) > 0 {
		more = "declares that it fails: " + strings.Join(v.Declared, ", ")
	}
	return scenarios.Description{Kind: "policy", Name: v.Name, Title: v.Title, Why: v.Why, Issue: v.Issue, More: more}
}

// called lets the variants of the ith target be chosen among those of others.
func (all Targets) called(i int, variants []Variant) []Variant {
	if i == 0 {
		return variants
	}
	variants = slices.Clone(variants)
	for k, v := range variants {
		variants[k].Arguments = slices.Concat([]string{"--target", all[i].Name}, v.Arguments)
	}
	return variants
}

// Versions returns the versions of the libraries of all targets.
func (all Targets) Versions() map[string]string {
	versions := map[string]string{}
	for _, t := range all {
		if t.Versions != nil {
			maps.Copy(versions, t.Versions())
		}
	}
	return versions
}
