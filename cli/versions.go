package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets"
)

// versionsVariable passes the versions of --versions to this program when it is started again, as
// RANGE=V,V. Without a network it could not find them.
const versionsVariable = "CHAOSRUN_VERSIONS"

// usualVariant is the variant in which versions are compared if --target names none.
const usualVariant = "defaults"

// A lineage holds the releases of one engine that --versions asks for, each a target.
type lineage struct {
	// arg is the argument of --target without its variant, and variant that variant or "".
	arg, variant string
	family       []*targets.Target
	// releases are the targets, one for each version, oldest first.
	releases []*targets.Target
	text     string
}

// lineage returns the releases that --versions asks for. If they are not known yet, it asks the
// registry and installs them. log receives the tools' output.
func (c console) lineage(chosen []string, text string, log io.Writer) (*lineage, error) {
	l, err := c.lineageOf(chosen, text)
	if err != nil {
		return nil, err
	}
	wanted, err := targets.ParseVersions(text)
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is for the user
	}
	versions := wanted.Listed()
	list, known := strings.CutPrefix(os.Getenv(versionsVariable), text+"=")
	switch {
	case known:
		versions = strings.Split(list, ",")
	case versions == nil:
		all, err := l.family[len(l.family)-1].Releases(c.ctx, log)
		if err != nil {
			return nil, cannotInstall(err)
		}
		if versions, err = wanted.Select(all); err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
	}
	for _, version := range versions {
		at, err := targets.Nearest(l.family, version).At(version)
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		l.releases = append(l.releases, at)
	}
	if known {
		return l, nil
	}
	// Pass the versions on to this program when it starts itself again.
	if err := os.Setenv(versionsVariable, text+"="+strings.Join(versions, ",")); err != nil {
		return nil, &exitError{code: ExitInternal, err: err}
	}
	return l, c.installAll(l.releases, log)
}

// installAll installs releases one after the other. It skips those that cannot be installed; their
// runs will say so.
func (c console) installAll(releases []*targets.Target, log io.Writer) error {
	var failed error
	installed := 0
	for _, t := range releases {
		if err := t.Install(c.ctx, log); err != nil {
			if c.ctx.Err() != nil {
				return &exitError{code: ExitInterrupted, err: err}
			}
			failed = fmt.Errorf("%s: %w", t.Name, err)
			fmt.Fprintf(c.err, "%s: %v\n", c.Program, failed)
			continue
		}
		installed++
	}
	if installed == 0 && failed != nil {
		return &exitError{code: ExitUnknown, err: errors.New("no version could be installed")}
	}
	return nil
}

func cannotInstall(err error) error {
	if _, ok := errors.AsType[*targets.UsageError](err); ok {
		return err
	}
	return &exitError{code: ExitUnknown, err: err}
}

// lineageOf returns the engine that the only --target names.
func (c console) lineageOf(chosen []string, text string) (*lineage, error) {
	if len(chosen) != 1 || c.isEngine(chosen[0]) {
		return nil, usage("--versions %s needs one target that can be installed, as in --target litellm-router, see: "+
			"%s list targets", text, c.Program)
	}
	l := &lineage{arg: withoutVariant(chosen[0]), text: text}
	l.variant = strings.TrimPrefix(strings.TrimPrefix(chosen[0], l.arg), "@")
	if !campaign.IsFile(l.arg) {
		family, err := c.Outside.Family(c.Vocabulary, l.arg)
		if err != nil {
			return nil, err //nolint:wrapcheck // it says what it is
		}
		l.family = family
	}
	if len(l.family) == 0 {
		t, err := c.target(l.arg)
		if err != nil {
			return nil, err
		}
		l.family = []*targets.Target{t}
	}
	if _, usual := l.family[0].Overrides[usualVariant]; usual && l.variant == "" {
		l.variant = usualVariant
	}
	return l, nil
}

// variants returns the variants of each release.
func (l *lineage) variants(o targets.Options) ([]campaign.Variant, error) {
	var all []campaign.Variant
	for _, t := range l.releases {
		o.Arguments = []string{"--target", l.selects(), "--versions", t.Release()}
		variants, err := t.Variants(o)
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		all = append(all, variants...)
	}
	return all, nil
}

// selects returns the argument of --target, with its variant.
func (l *lineage) selects() string {
	if l.variant == "" {
		return l.arg
	}
	return l.arg + "@" + l.variant
}

// comparison returns what compares the runs of the releases.
func (l *lineage) comparison() *reports.Releases {
	r := &reports.Releases{Engine: cmp.Or(l.family[0].Family, l.family[0].Name)}
	var open []string
	for _, t := range l.releases {
		r.Versions = append(r.Versions, t.Release())
		if !t.Locked() {
			open = append(open, t.Release())
		}
	}
	if len(open) > 0 {
		r.Notes = append(r.Notes,
			"Installed without a lock, with the newest packages that they accept: "+strings.Join(open, ", ")+".")
	}
	return r
}

// add adds a run to the comparison.
func (l *lineage) add(r *reports.Releases, run reports.Run) {
	engine, variant, _ := strings.Cut(run.Target, "@")
	if i := slices.IndexFunc(l.releases, func(t *targets.Target) bool { return t.Name == engine }); i >= 0 {
		r.Add(l.releases[i].Release(), variant, run)
	}
}
