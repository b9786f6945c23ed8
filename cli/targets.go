package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/serve"
	"github.com/chaosrun/chaosrun/targets"
)

// variants returns the engines that --target, --policy and --set choose. An argument of --target
// names an engine of this program, a shipped target, or a target file; the last two may end in
// @VARIANT.
func (c console) variants(chosen, policies, settings []string) ([]campaign.Variant, error) {
	set, err := parseSettings(settings)
	if err != nil {
		return nil, err
	}
	var inside []string
	var all []campaign.Variant
	outside := 0
	for i, arg := range chosen {
		if slices.Contains(chosen[:i], arg) {
			continue
		}
		if c.isEngine(arg) {
			inside = append(inside, arg)
			continue
		}
		if len(policies) > 0 {
			return nil, usage("--policy %s: %s is another process and has no policies: use --set, or %[2]s@VARIANT",
				policies[0], arg)
		}
		variants, err := c.outside(arg, set)
		if err != nil {
			return nil, err
		}
		all = append(all, variants...)
		outside++
	}
	if len(set) > 0 && outside == 0 {
		return nil, usage("--set %s: only a target in another process has settings, see: %s list targets", settings[0],
			c.Program)
	}
	if len(inside) > 0 || len(chosen) == 0 {
		variants, err := c.Targets.Choose(inside, policies)
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		all = append(variants, all...)
	}
	return all, nil
}

// isEngine reports whether an engine of this program has the name.
func (c console) isEngine(name string) bool {
	return slices.ContainsFunc(c.Targets, func(t campaign.Target) bool { return t.Name == name })
}

// withoutVariant returns the name or file in an argument that may end in @VARIANT.
func withoutVariant(arg string) string {
	if i := strings.LastIndexByte(arg, '@'); i > 0 && !campaign.IsFile(arg) {
		return arg[:i]
	}
	return arg
}

// outside returns the variants of a shipped target or of a target file.
func (c console) outside(arg string, set map[string]string) ([]campaign.Variant, error) {
	name := withoutVariant(arg)
	variant, given := strings.CutPrefix(arg[len(name):], "@")
	if given && variant == "" {
		return nil, usage("--target %s: there is no variant after the @", arg)
	}
	t, err := c.target(name)
	if err != nil {
		return nil, err
	}
	o := targets.Options{Variant: variant, Set: set, Words: c.Vocabulary, Log: c.logs, Warn: c.warn}
	all, err := t.Variants(o)
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is for the user
	}
	if campaign.IsFile(name) { // the replay command names the file
		for i := range all {
			selects := name
			if _, variant, ok := strings.Cut(all[i].Name, "@"); ok {
				selects += "@" + variant
			}
			all[i].Arguments[1] = selects
		}
	}
	return all, nil
}

// target returns the target of that name or file.
func (c console) target(arg string) (*targets.Target, error) {
	if !campaign.IsFile(arg) {
		t, err := c.Outside.Find(c.Vocabulary, arg)
		if unknown, ok := errors.AsType[*targets.UnknownError](err); ok {
			var engines []string
			for _, engine := range c.Targets {
				engines = append(engines, engine.Name)
			}
			unknown.Known = append(engines, unknown.Known...)
		}
		return t, err //nolint:wrapcheck // its text is for the user
	}
	data, err := readfile.Head(arg, strictyaml.MaxSize+1)
	if err != nil {
		return nil, usage("%v", err)
	}
	return targets.Load(c.Vocabulary, arg, data) //nolint:wrapcheck // Problems
}

// upstreams returns the upstreams of the target of that name or file.
func (c console) upstreams(arg string) ([]serve.Upstream, error) {
	t, err := c.target(arg)
	if err != nil {
		return nil, err
	}
	if len(t.Upstreams) == 0 {
		return nil,
			usage("the target %s has no upstreams to serve: add `upstreams: [{listen: 127.0.0.1:4010}]` to it", t.Name)
	}
	all := make([]serve.Upstream, len(t.Upstreams))
	for i, u := range t.Upstreams {
		all[i] = serve.Upstream(u)
	}
	return all, nil
}

// warn prints a sentence about an engine.
func (c console) warn(sentence string) { fmt.Fprintf(c.err, "%s: warning: %s\n", c.Program, sentence) }

// logFolder returns the folder for logs beside the first report that is a file: report.logs for
// json=report.json.
func logFolder(sinks []string) string {
	for _, sink := range sinks {
		if _, path, ok := strings.Cut(sink, "="); ok && path != campaign.StandardOutput && filepath.Ext(path) != "" {
			return strings.TrimSuffix(path, filepath.Ext(path)) + ".logs"
		}
	}
	return ""
}

// parseSettings parses NAME=VALUE pairs.
func parseSettings(args []string) (map[string]string, error) {
	set := map[string]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usage("--set %s: write NAME=VALUE, as in --set retries=2", arg)
		}
		set[name] = value
	}
	return set, nil
}
