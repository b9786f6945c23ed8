package targets

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
)

// Describe returns the description of the target, with its settings, its advice and, if its files
// are on disk, what is installed as details.
func (t *Target) Describe() scenarios.Description {
	return scenarios.Description{
		Kind: "target", Name: t.Name, Title: fmt.Sprintf("%s (%s)", t.Title, t.Kind), Why: t.Why,
		More: strings.Join(t.details(), "\n"),
	}
}

// details returns lines about the target.
func (t *Target) details() []string {
	var lines []string
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-10s %s", label+":", text))
		}
	}
	add("protocols", strings.Join(t.Protocols, ", "))
	add("packages", strings.Join(slices.Concat(t.Packages.Pip, t.Packages.Npm, nonempty(t.Packages.Go),
		t.Packages.Maven, nonempty(t.Packages.Java)), ", "))
	if !t.Packages.nothing() && t.Dir != "" { // its lock can be read
		add("state", t.State())
	}
	add("settings", pairs(t.Settings))
	for i, name := range slices.Sorted(maps.Keys(t.Overrides)) {
		label := "variants"
		if i > 0 {
			label = "        "
		}
		text := t.Name + "@" + name
		if set := pairs(t.Overrides[name]); set != "" {
			text += " with " + set
		}
		if i > 0 {
			lines = append(lines, strings.Repeat(" ", len("protocols:")+1)+text)
			continue
		}
		add(label, text)
	}
	var limits []string
	for _, measure := range slices.Sorted(maps.Keys(t.Limits)) {
		limits = append(limits, measure+" "+t.Limits[measure].String())
	}
	add("limits", strings.Join(limits, ", "))
	if len(t.Upstreams) > 0 {
		var at []string
		for _, u := range t.Upstreams {
			at = append(at, u.Listen)
		}
		add("upstreams", strings.Join(at, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Advice)) {
		lines = append(lines, "", "if "+name+" fails: "+strings.TrimSpace(t.Advice[name]))
	}
	return lines
}

// Installed reports whether all packages of the file are installed.
func (t *Target) Installed() bool { return t.installed() == nil }

// State says in a few words whether the engine is installed.
func (t *Target) State() string {
	if t.Packages.nothing() {
		return "nothing to install"
	}
	if err := t.installed(); err != nil {
		return err.Error()
	}
	if version := t.installedVersion(); version != "" {
		return "installed, version " + version
	}
	return "installed"
}

func nonempty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// pairs returns settings as name=value, sorted.
func pairs(settings map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		all = append(all, name+"="+settings[name])
	}
	return strings.Join(all, ", ")
}
