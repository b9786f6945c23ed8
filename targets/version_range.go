package targets

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxReleases bounds how many versions one range may have: each is an installation of its own.
const maxReleases = 40

// A VersionRange chooses versions of an engine: A..B, all from A to B, or a list: 1.2.0,1.4.1.
type VersionRange struct {
	text string
	// list has the versions if they are listed. Else from and to are the bounds.
	list     []string
	from, to string
}

// ParseVersions parses the text of --versions. The error is a *[UsageError].
func ParseVersions(text string) (VersionRange, error) {
	r := VersionRange{text: text}
	wrong := usage("--versions %q: write A..B, as in 0.13.0..0.19.0, or versions with commas between them", text)
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		for version := range strings.SplitSeq(text, ",") {
			if !exactVersion.MatchString(version) {
				return r, wrong
			}
			if !slices.Contains(r.list, version) {
				r.list = append(r.list, version)
			}
		}
		return r, r.bound(len(r.list))
	}
	if !exactVersion.MatchString(from) || !exactVersion.MatchString(to) || strings.Contains(to, "..") {
		return r, wrong
	}
	if compareVersions(from, to) > 0 {
		return r, usage("--versions %s: %s is newer than %s: write the older one first", text, from, to)
	}
	r.from, r.to = from, to
	return r, nil
}

// Listed returns the versions if they are listed, nil for a range.
func (r VersionRange) Listed() []string { return slices.Clone(r.list) }

// String returns the text that was parsed.
func (r VersionRange) String() string { return r.text }

// Select returns the versions of the range, oldest first, or the list unchanged. all holds the
// existing versions. Previews count only as an end of the range. The error is a *[UsageError].
func (r VersionRange) Select(all []string) ([]string, error) {
	if r.list != nil {
		return r.Listed(), nil
	}
	var in []string
	for _, version := range all {
		low, high := compareVersions(version, r.from), compareVersions(version, r.to)
		if low < 0 || high > 0 || splitVersion(version).preview() && low != 0 && high != 0 {
			continue
		}
		in = append(in, version)
	}
	if len(in) == 0 {
		return nil, usage("--versions %s: no such version; there are %s", r, some(all))
	}
	slices.SortStableFunc(in, compareVersions)
	return in, r.bound(len(in))
}

// bound returns an error if there are too many versions.
func (r VersionRange) bound(n int) error {
	if n > maxReleases {
		return usage("--versions %s: got %d versions, each to be installed; at most %d: name a narrower range", r, n,
			maxReleases)
	}
	return nil
}

// some returns the last versions of a list.
func some(all []string) string {
	const shown = 12
	if len(all) > shown {
		return fmt.Sprintf("%d, the last are %s", len(all), strings.Join(all[len(all)-shown:], ", "))
	}
	return strings.Join(all, ", ")
}

// versionParts is a version split for comparison: numbers, and the text after them.
type versionParts struct {
	numbers []int
	rest    string
}

var (
	versionNumbers = regexp.MustCompile(`^\d+(\.\d+)*`)
	versionPreview = regexp.MustCompile(`^[-._]?(a|b|c|rc|alpha|beta|dev|pre|preview|next|canary|nightly|\d)`)
)

func splitVersion(text string) versionParts {
	digits := versionNumbers.FindString(text)
	v := versionParts{rest: strings.ToLower(text[len(digits):])}
	for number := range strings.SplitSeq(digits, ".") {
		n, _ := strconv.Atoi(number) // it has digits only; Atoi returns the largest int for one that is too large
		v.numbers = append(v.numbers, n)
	}
	return v
}

// preview reports whether the version precedes the release with the same numbers.
func (v versionParts) preview() bool { return versionPreview.MatchString(v.rest) }

// compareVersions compares two versions of pip or npm by their numbers; 1.2 equals 1.2.0. With
// equal numbers, previews come before the release, and suffixes such as .post1 after it.
func compareVersions(a, b string) int {
	x, y := splitVersion(a), splitVersion(b)
	for i := range max(len(x.numbers), len(y.numbers)) {
		if c := cmp.Compare(numberAt(x.numbers, i), numberAt(y.numbers, i)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(x.rank(), y.rank()), compareRest(x.rest, y.rest))
}

// rank orders versions with the same numbers.
func (v versionParts) rank() int {
	switch {
	case v.preview():
		return -1
	case v.rest == "", strings.HasPrefix(v.rest, "+"):
		return 0
	}
	return 1
}

// compareRest compares the texts after the numbers: rc2 before rc10.
func compareRest(a, b string) int {
	pieces := regexp.MustCompile(`\d+|\D+`)
	x, y := pieces.FindAllString(a, -1), pieces.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		m, notM := strconv.Atoi(x[i])
		n, notN := strconv.Atoi(y[i])
		c := cmp.Compare(x[i], y[i])
		if notM == nil && notN == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

func numberAt(numbers []int, i int) int {
	if i < len(numbers) {
		return numbers[i]
	}
	return 0
}
