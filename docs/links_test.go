package docs_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// TestLinks follows every link of every Markdown file of the repository to a file, a folder or a
// heading. Addresses are only parsed, because tests use no network.
func TestLinks(t *testing.T) {
	problems, pages := deadLinks(t, os.DirFS(".."))
	for _, p := range problems {
		t.Error(p)
	}
	if pages < 40 {
		t.Errorf("saw %d pages", pages)
	}
}

// Each kind of dead link is found, and no other.
func TestLinksHasTeeth(t *testing.T) {
	problems, pages := deadLinks(t, fstest.MapFS{
		"README.md": {Data: []byte("# One `two`, three!\n\n## Again\n\n## Again\n\n<a id=\"own\"></a>\n" +
			"[a](docs/A.md) [b](docs/A.md#part-one_b) [c](#again-1) [d](#one-two-three) [e](docs) [f](./docs/#x)\n" +
			"[g](https://example.com/a#b) ![h](docs/a.svg \"title\") [i][ref] [j](#own) [k](<docs/A.md>)\n" +
			"[dead](docs/B.md) [dead](docs/A.md#part-two) [dead](#again-2) [dead](docs/a.md) ![dead](b.svg)\n" +
			"[dead](https:///nowhere) [dead](../outside.md) [dead][no-ref] <img src=\"no.svg\">\n" +
			"[![dead](no2.svg)](docs/C.md) [dead](/docs/A.md)\n" +
			"`[fine](none.md)` `<a href=\"none.md\">` [not dead: no link]\n\n```md\n" +
			"[fine](none.md)\n# no heading\n```\n\n" +
			"    [fine](none.md)\n\n[dead](#no-heading)\n\n[ref]: docs/A.md\n[dead]: docs/D.md\n")},
		"docs/A.md":              {Data: []byte("## Part [one](../README.md)_b\n\n[up](../README.md#again)\n")},
		"docs/a.svg":             {},
		".cache/B.md":            {Data: []byte("[fine](none.md)")},
		"x/node_modules/y/C.md":  {Data: []byte("[fine](none.md)")},
		"x/testdata/C.md":        {Data: []byte("[fine](none.md)")},
		"x/deep/README.markdown": {Data: []byte("[no page](none.md)")},
	})
	want := []string{
		"README.md:8: ./docs/#x: a folder has no headings",
		"README.md:10: docs/B.md: there is no docs/B.md",
		"README.md:10: docs/A.md#part-two: docs/A.md has no heading #part-two",
		"README.md:10: #again-2: README.md has no heading #again-2",
		"README.md:10: docs/a.md: there is no docs/a.md",
		"README.md:10: b.svg: there is no b.svg",
		"README.md:11: https:///nowhere: an address without a host",
		"README.md:11: ../outside.md: outside of the repository",
		"README.md:11: [no-ref]: nothing says where that leads",
		"README.md:11: no.svg: there is no no.svg",
		"README.md:12: no2.svg: there is no no2.svg",
		"README.md:12: docs/C.md: there is no docs/C.md",
		"README.md:12: /docs/A.md: outside of the repository",
		"README.md:22: #no-heading: README.md has no heading #no-heading",
		"README.md:25: docs/D.md: there is no docs/D.md",
	}
	slices.Sort(want)
	slices.Sort(problems)
	if diff := cmp.Diff(problems, want); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
	if pages != 2 {
		t.Errorf("saw %d pages", pages)
	}
}

// deadLinks returns the dead links of the pages in a folder, and how many pages there are.
func deadLinks(t *testing.T, root fs.FS) (problems []string, pages int) {
	t.Helper()
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		base := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (base[0] == '.' && base != ".github" ||
			slices.Contains([]string{"node_modules", "testdata", "dist"}, base)):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		pages++
		lines, err := prose(root, name)
		problems = append(problems, deadOn(root, name, lines)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems, pages
}

var (
	inlineCode = regexp.MustCompile("``.+?``|`[^`]*`")
	fence      = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	// target matches where an inline link, an HTML attribute or a definition leads.
	target = regexp.MustCompile(
		`\]\(\s*<([^>]*)>|\]\(\s*([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)|(?:href|src)="([^"]*)"|^ {0,3}\[[^\]]+\]:\s+(\S+)`)
	// reference matches [text][name], and definition [name]: where.
	reference  = regexp.MustCompile(`\]\[([^\]]+)\]`)
	definition = regexp.MustCompile(`(?m)^ {0,3}\[([^\]]+)\]:\s`)
)

// prose returns the lines of a page. Lines of code are empty, and pieces of code are left out.
func prose(root fs.FS, name string) ([]string, error) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err //nolint:wrapcheck // it has the name
	}
	lines, open := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), ""
	for i, line := range lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case open == "" && m != nil:
			open, lines[i] = m[1], ""
		case open != "":
			if m != nil && strings.HasPrefix(m[1], open) {
				open = ""
			}
			lines[i] = ""
		case strings.HasPrefix(line, "    ") && (i == 0 || lines[i-1] == "" || strings.HasPrefix(lines[i-1], "\x00")):
			lines[i] = "\x00" // a block of code, which goes on until an indent ends
		}
	}
	for i, line := range lines {
		lines[i] = inlineCode.ReplaceAllStringFunc(strings.Trim(line, "\x00"), func(code string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune("[]()<>\"", r) {
					return -1
				}
				return r
			}, code)
		})
	}
	return lines, nil
}

// deadOn returns the dead links of a page.
func deadOn(root fs.FS, name string, lines []string) (problems []string) {
	var defined []string
	for _, m := range definition.FindAllStringSubmatch(strings.Join(lines, "\n"), -1) {
		defined = append(defined, strings.ToLower(m[1]))
	}
	for i, line := range lines {
		for _, m := range target.FindAllStringSubmatch(line, -1) {
			to := m[1] + m[2] + m[3] + m[4]
			if why := dead(root, name, to); why != "" {
				problems = append(problems, fmt.Sprintf("%s:%d: %s: %s", name, i+1, to, why))
			}
		}
		for _, m := range reference.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(defined, strings.ToLower(m[1])) {
				problems = append(problems, fmt.Sprintf("%s:%d: [%s]: nothing says where that leads", name, i+1, m[1]))
			}
		}
	}
	return problems
}

// dead returns why a link of a page leads nowhere, or "".
func dead(root fs.FS, page, to string) string {
	u, err := url.Parse(to)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "http" || u.Scheme == "https":
		if u.Host == "" {
			return "an address without a host"
		}
		return ""
	case u.Scheme == "mailto":
		return ""
	case u.Scheme != "":
		return "neither a file nor an address of the web"
	}
	file := page
	if u.Path != "" {
		file = path.Join(path.Dir(page), u.Path)
	}
	if !fs.ValidPath(file) || strings.HasPrefix(u.Path, "/") {
		return "outside of the repository"
	}
	info, err := fs.Stat(root, file)
	switch {
	case err != nil:
		return "there is no " + file
	case u.Fragment == "":
		return ""
	case info.IsDir():
		return "a folder has no headings"
	case path.Ext(file) != ".md":
		return "" // a line of a source, as a host shows it
	}
	lines, err := prose(root, file)
	if err != nil {
		return err.Error()
	}
	if !slices.Contains(anchors(lines), u.Fragment) {
		return file + " has no heading #" + u.Fragment
	}
	return ""
}

var (
	heading  = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	ownID    = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	linkText = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// anchors returns the names of the headings of a page, as GitHub makes them: small letters, no
// punctuation, hyphens for spaces, and a number for a name that is there already.
func anchors(lines []string) (all []string) {
	seen := map[string]int{}
	for _, line := range lines {
		for _, m := range ownID.FindAllStringSubmatch(line, -1) {
			all = append(all, m[1])
		}
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, linkText.ReplaceAllString(m[1], "$1"))
		n := seen[name]
		seen[name]++
		if n > 0 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		all = append(all, name)
	}
	return all
}
