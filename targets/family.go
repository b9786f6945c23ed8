package targets

import (
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
)

// Family returns the targets of that family, by the version that each installs, oldest first. It
// writes their files, as Find does.
func (c Catalogue) Family(words *scenarios.Vocabulary, name string) ([]*Target, error) {
	return c.that(words, func(t *Target) bool { return t.Family == name && name != "" })
}

// OfIssue returns the targets whose file names that issue, by family and version. It writes their
// files, as Find does.
func (c Catalogue) OfIssue(words *scenarios.Vocabulary, issue string) ([]*Target, error) {
	return c.that(words, func(t *Target) bool { return t.Issue == issue && issue != "" })
}

func (c Catalogue) that(words *scenarios.Vocabulary, wanted func(*Target) bool) ([]*Target, error) {
	all, err := c.All(words)
	if err != nil {
		return nil, err
	}
	var found []*Target
	for _, t := range all {
		if !wanted(t) {
			continue
		}
		t, err := c.Find(words, t.Name)
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	slices.SortStableFunc(found, func(a, b *Target) int {
		if c := strings.Compare(a.Family, b.Family); c != 0 {
			return c
		}
		return compareVersions(a.pinned(), b.pinned())
	})
	return found, nil
}

// pinned returns the version of the engine that the file installs, or "".
func (t *Target) pinned() string {
	e, err := t.engine()
	if err != nil {
		return ""
	}
	return e.version
}

// family checks the keys family, issue and policies.
func (c checker) family() {
	if n, ok := c.at("family"); ok && !n.Reported() && !validName.MatchString(c.t.Family) {
		n.Report("%q: a family's name is made of small letters, digits, dots and hyphens", c.t.Family)
	}
	if n, ok := c.at("issue"); ok && !n.Reported() && !isURL(c.t.Issue) {
		n.Report("%q is not a URL: write it like https://github.com/owner/repo/issues/1", c.t.Issue)
	}
	n, ok := c.at("policies")
	if !ok {
		return
	}
	variants := slices.Sorted(maps.Keys(c.t.Overrides))
	for _, f := range fields(n) {
		if !slices.Contains(variants, f.Name) {
			f.Key.ReportUnknown("variant", f.Name, variants)
		}
	}
}

// Nearest returns the target with that version, or with the nearest version below it, because the
// settings of an engine change with its releases. If there is none, it returns the first. family is
// a result of [Catalogue.Family].
func Nearest(family []*Target, version string) *Target {
	nearest := family[0]
	for _, t := range family {
		if compareVersions(t.pinned(), version) <= 0 {
			nearest = t
		}
	}
	return nearest
}
