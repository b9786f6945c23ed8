package campaign

import (
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A Target is an engine that a command can test, with its policies.
type Target struct {
	// Name is the target's name on the command line. Title is one line about it. Why has the
	// details.
	Name, Title, Why string
	// Called is the target's name in help texts, such as "the built-in engine". Default: Name.
	Called string
	// Factory builds the engine. It is not used if there are Policies.
	Factory harness.Factory
	// Protocols lists the protocols that the engine speaks; see [harness.WithProtocols]. Default:
	// those of the scenario.
	Protocols []string
	// Policies holds the behaviours of the engine. Default: it has only one.
	Policies Policies
	// Versions returns the versions of the libraries that the engine uses, for reports. Default:
	// none.
	Versions func() map[string]string
}

// Policies are the behaviours that one engine can have.
type Policies interface {
	// All returns the shipped policies, sorted by name. The variants have no Target and Arguments.
	All() []Variant
	// Load parses a policy file. The error lists every problem with its position.
	Load(file string, data []byte) (Variant, error)
}

// All returns the shipped policies as variants, or the target itself if it has none.
func (t Target) All() []Variant {
	if t.Policies == nil {
		return []Variant{
			{Name: t.Name, Target: t.Name, Title: t.Title, Factory: t.Factory, Options: speaking(t.Protocols)},
		}
	}
	all := slices.Clone(t.Policies.All())
	for i := range all {
		all[i] = t.named(all[i], all[i].Name)
	}
	return all
}

// named sets the target and the arguments of a policy's variant. arg is the name or file that
// selected it.
func (t Target) named(v Variant, arg string) Variant {
	v.Target, v.Arguments = t.Name, []string{"--policy", arg}
	v.Options = append(slices.Clone(v.Options), speaking(t.Protocols)...)
	return v
}

// speaking returns the option of the harness for an engine that speaks only those protocols.
func speaking(protocols []string) []harness.Option {
	if len(protocols) == 0 {
		return nil
	}
	return []harness.Option{harness.WithProtocols(protocols...)}
}

// Choose returns the variants with the given policies, by name or file. No argument selects the
// reference, or all variants if there is no reference.
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
		data, err := readfile.Head(arg, strictyaml.MaxSize+1)
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

// Targets are the engines that a command can test. The first one is the default.
type Targets []Target

// All returns the shipped variants of all targets.
func (all Targets) All() []Variant {
	var variants []Variant
	for i := range all {
		variants = append(variants, all.called(i, all[i].All())...)
	}
	return variants
}

// Choose returns the variants with the given targets and policies.
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

// LoadPolicy parses a policy file with the first target that accepts it. Otherwise the error is
// that of the first target with policies. known is false if no target has policies.
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

// Describe returns the description of the target.
func (t Target) Describe() scenarios.Description {
	return scenarios.Description{Kind: "target", Name: t.Name, Title: t.Title, Why: t.Why}
}

// Describe returns the description of the variant, as a policy.
func (v Variant) Describe() scenarios.Description {
	more := ""
	if len(v.Declared) > 0 {
		more = "declares that it fails: " + strings.Join(v.Declared, ", ")
	}
	return scenarios.Description{Kind: "policy", Name: v.Name, Title: v.Title, Why: v.Why, Issue: v.Issue, More: more}
}

// called adds --target to the arguments of the variants, unless the target is the default.
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
