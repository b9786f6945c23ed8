package targets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// warmUp is the number of healthy calls after each start. The first one makes the engine load
// everything, and the second one is measured.
const warmUp = 2

// Options change how a target is put under test.
type Options struct {
	// Variant is the name of the variant to return. Default: all variants.
	Variant string
	// Set replaces settings, in every variant.
	Set map[string]string
	// Log is a folder for the logs of the engines. It is created when the first engine starts.
	// Default: the folder logs of the target's Home.
	Log string
	// Warn receives warnings about the engines, such as that one tried to reach another machine.
	// Each sentence comes once. It may be called from any goroutine. Default: no warnings.
	Warn func(sentence string)
	// Arguments select the variants on a command line. Default: --target NAME@VARIANT and --set.
	Arguments []string
	// Words is the vocabulary of the scenarios. Default: scenarios.Shipped().
	Words *scenarios.Vocabulary
}

// A UsageError reports that a target does not support the requested use.
type UsageError struct{ text string }

// Error returns what is not supported, and why.
func (e *UsageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Variants returns the variants of the target, for campaigns: one per entry of `variants`, by name,
// or one with the name of the target. The error is a *[UsageError].
func (t *Target) Variants(o Options) ([]campaign.Variant, error) {
	if o.Words == nil {
		o.Words = scenarios.Shipped()
	}
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		if known := t.settingNames(); !slices.Contains(known, name) {
			return nil, usage("the target %s has no setting %q%s", t.Name, name, suggestion(name, known))
		}
	}
	names := slices.Sorted(maps.Keys(t.Overrides))
	switch {
	case o.Variant == "" && len(names) == 0:
		names = []string{""}
	case o.Variant != "" && !slices.Contains(names, o.Variant):
		return nil, usage("the target %s has no variant %q%s", t.Name, o.Variant, suggestion(o.Variant, names))
	case o.Variant != "":
		names = []string{o.Variant}
	}
	if t.Start == nil && t.Kind == Gateway &&
		slices.ContainsFunc(t.Upstreams, func(u Upstream) bool { return strings.HasSuffix(u.Listen, ":0") }) {
		return nil, usage("the gateway %s is already running and cannot learn a free port: give each of its "+
			"upstreams one, as in 127.0.0.1:4010", t.Name)
	}
	var all []campaign.Variant
	for _, name := range names {
		if _, _, err := t.reach(t.with(name, o.Set)); err != nil {
			return nil, usage("the target %s: %v", t.Name, err)
		}
		all = append(all, t.variant(name, o))
	}
	return all, nil
}

// suggestion returns a suggestion for an unknown word.
func suggestion(word string, known []string) string {
	if len(known) == 0 {
		return ": it has none"
	}
	if near := strictyaml.Nearest(word, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return "; one of " + strings.Join(known, ", ")
}

// variant returns the variant of that name, "" for the target as it is.
func (t *Target) variant(name string, o Options) campaign.Variant {
	label := t.Name
	if name != "" {
		label += "@" + name
	}
	settings := t.with(name, o.Set)
	limits := assertions.Limits{}
	maps.Copy(limits, t.Limits)
	delete(limits, campaign.CallLimit)
	p := &pool{target: t, settings: settings, options: o, label: label}
	return campaign.Variant{
		Name: label, Target: label, Title: t.Title, Why: t.Why,
		Factory: p.build, Release: p.release, Outside: true, Running: t.Start == nil && t.Kind != Command,
		Instances: t.instances(), CallLimit: t.Limits[campaign.CallLimit],
		Options:   t.harnessOptions(settings),
		Limits:    limits,
		Settings:  settings,
		Version:   sync.OnceValue(p.version),
		Advice:    t.adviceByScenario(),
		SHA256:    t.SHA256,
		Arguments: arguments(label, o),
	}
}

// with returns the settings of a variant, "" for the target as it is, overridden by set.
func (t *Target) with(variant string, set map[string]string) map[string]string {
	settings := map[string]string{}
	maps.Copy(settings, t.Settings)
	maps.Copy(settings, t.Overrides[variant])
	maps.Copy(settings, set)
	return settings
}

// harnessOptions returns the options of the harness for the target.
func (t *Target) harnessOptions(settings map[string]string) []harness.Option {
	tls, host, _ := t.reach(settings) // Variants has checked it
	outside := harness.Outside{
		TLS: tls, Host: host, WarmUp: warmUp, ModelSeen: t.modelSeen(), Contained: t.Kind == Command,
		NoRestarts: t.Kind == Gateway,
	}
	if t.Kind == Command {
		outside.PromptLimit = promptLimit
	}
	for _, u := range t.Upstreams {
		outside.Addresses = append(outside.Addresses, harness.Address{Listen: u.Listen, Advertise: u.Advertise})
	}
	return []harness.Option{
		harness.WithOutside(outside), harness.WithProtocols(t.Protocols...),
		harness.WithCallLimit(t.Limits[campaign.CallLimit], timeline.LimitByTarget),
	}
}

// modelSeen returns the upstream whose model the caller should get, as named in the file.
func (t *Target) modelSeen() string {
	m := modelOf.FindStringSubmatch(t.ModelSeen)
	if m == nil {
		return ""
	}
	return m[1]
}

// instances returns how many instances may run side by side, 0 for any number.
func (t *Target) instances() int {
	if len(t.Upstreams) > 0 || (t.Start == nil && t.Kind == Gateway) {
		return 1
	}
	return 0
}

// arguments returns the arguments that select one variant.
func arguments(label string, o Options) []string {
	args := o.Arguments
	if args == nil {
		args = []string{"--target", label}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		args = append(slices.Clone(args), "--set", quoted(name+"="+o.Set[name]))
	}
	return args
}

// quoted returns a word quoted for a shell.
func quoted(word string) string {
	if !strings.ContainsAny(word, " \t\n'\"\\$&;|<>()*?[]#~`!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// express returns why the target's templates do not fit the providers of a run, or "". Templates
// may name a fixed number of providers.
func (t *Target) express(upstreams []harness.Upstream) string {
	n := len(upstreams)
	for _, name := range t.uses.names {
		if !slices.ContainsFunc(upstreams, func(u harness.Upstream) bool { return u.Name == name }) {
			return fmt.Sprintf("the target names the provider %s, but the scenario has none of that name", name)
		}
	}
	switch fixed := len(t.Upstreams); {
	case fixed > 0 && n != fixed:
		return fmt.Sprintf("the target has %d upstreams, but the scenario has %d", fixed, n)
	case t.uses.highest > n, t.uses.highest > 0 && !t.uses.loop && t.uses.highest != n:
		return fmt.Sprintf("the target names %d upstreams, but the scenario has %d", t.uses.highest, n)
	}
	return ""
}
