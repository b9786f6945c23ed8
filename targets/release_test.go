package targets

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
)

// registry is what the test's pip and npm print of the versions of a package.
func registry(args []string) (text string, ok bool) {
	switch line := strings.Join(args, " "); {
	case strings.Contains(line, "-m pip index versions litellm "):
		return "litellm (1.10.0)\nAvailable versions: 1.10.0, 1.9.1, 1.9.0, 1.2\n  LATEST: 1.10.0\n", true
	case strings.HasPrefix(line, "view @a/b versions --json"):
		return `["1.9.0", "2.0.0-beta.2", "1.10.0", "2.0.0"]`, true
	case strings.HasPrefix(line, "view one versions --json"):
		return `"1.0.0"`, true
	case strings.Contains(line, "index versions") || strings.HasPrefix(line, "view "):
		return "nothing here", true
	}
	return "", false
}

func TestReleases(t *testing.T) {
	for _, tt := range []struct{ install, want, says string }{
		{`{pip: ["litellm[proxy]==1.9.0"]}`, "1.2 1.9.0 1.9.1 1.10.0", ""},
		{`{npm: ["@a/b@1.9.0"]}`, "1.9.0 1.10.0 2.0.0-beta.2 2.0.0", ""},
		{`{npm: ["one@1.0.0"]}`, "1.0.0", ""},
		{`{npm: ["other@1.0.0"]}`, "", "npm view other versions --json: it lists no versions"},
		{`{pip: ["other==1.0.0"]}`, "", "it lists no versions"},
	} {
		_, called := toolbox(t)
		got, err := installable(t, tt.install, map[string]string{}).Releases(t.Context(), &bytes.Buffer{})
		if strings.Join(got, " ") != tt.want || (tt.says == "") != (err == nil) ||
			err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %q, %v", tt.install, got, err)
		}
		if calls := called(); strings.Count(calls, "\n") != 1 {
			t.Errorf("%s: it called %s", tt.install, calls)
		}
		t.Setenv("PATH", t.TempDir())
		if _, err := installable(t, tt.install, map[string]string{}).Releases(t.Context(),
			&bytes.Buffer{}); err == nil ||
			!strings.Contains(err.Error(), "command not found") {
			t.Errorf("%s without tools: got %v", tt.install, err)
		}
	}
}

// Another version has packages, a home, a name and a hash of its own, and no lock; the pinned one
// keeps those of the file.
func TestAt(t *testing.T) {
	home, called := toolbox(t)
	target := installable(t,
		`{pip: ["other==2.0", "litellm[proxy]==1.9.0"], lock: requirements.txt}`+"\nversion: {pip: litellm}",
		map[string]string{"requirements.txt": "litellm==1.9.0\n"})
	same, err := target.At("1.9.0")
	if err != nil || same.Name != "x-1.9.0" || same.Home() != target.Home() || !same.Locked() ||
		same.SHA256 != target.SHA256 || same.Release() != "1.9.0" {
		t.Errorf("got %+v, %v", same, err)
	}
	other, err := target.At("1.10.0")
	if err != nil || other.Home() != filepath.Join(home, "targets", "x-1.10.0") || other.Locked() ||
		other.SHA256 == target.SHA256 {
		t.Fatalf("got %+v, %v", other, err)
	}
	if err := other.usable(); err == nil ||
		err.Error() != "not installed: run `chaosrun install "+target.File+" --versions 1.10.0`" {
		t.Errorf("before it is installed: got %v", err)
	}
	if err := other.Install(t.Context(), &bytes.Buffer{}); err != nil || other.usable() != nil {
		t.Errorf("got %v, %v", err, other.usable())
	}
	if calls := called(); !strings.Contains(calls,
		"pip install --disable-pip-version-check --no-input other==2.0 litellm[proxy]==1.10.0\n") {
		t.Errorf("it called %s", calls)
	}
	if target.Packages.Pip[1] != "litellm[proxy]==1.9.0" || target.usable() != nil {
		t.Errorf("the target changed to %v", target.Packages)
	}
	for _, version := range []string{"", "^1", "1.0 --index-url", "1.0,2.0", "latest"} {
		if _, err := target.At(version); err == nil ||
			!strings.Contains(err.Error(), "is not a version of litellm: write it like 1.9.0") {
			t.Errorf("%q: got %v", version, err)
		}
	}
	for _, install := range []string{`{pip: ["a==1.0", "b==1.0"]}`, `{npm: ["b@1.0.0"]}` + "\nversion: {npm: c}"} {
		if _, err := installable(t, install, map[string]string{}).At("1.0"); err == nil ||
			!strings.Contains(err.Error(), "does not say which package") {
			t.Errorf("%s: got %v", install, err)
		}
	}
}

func TestVersionRange(t *testing.T) {
	all := []string{"0.9", "1.0.0a1", "1.0.0", "1.0.0.post1", "1.2.0-beta.2", "1.2.0-beta.10", "1.2.0", "1.10", "2.0.0"}
	if !slices.IsSortedFunc(all, compareVersions) {
		t.Error("they are in another order")
	}
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("3.%d", i)
	}
	for text, want := range map[string]string{
		"1.0..1.10":         "1.0.0 1.0.0.post1 1.2.0 1.10",
		"1.0.0..1.0.0":      "1.0.0",
		"0.9..0.9.0":        "0.9",
		"1.2.0-beta.2..1.2": "1.2.0-beta.2 1.2.0",
		"2.0.0,1.0.0,2.0.0": "2.0.0 1.0.0",
		"7.7.7":             "7.7.7",
		"4..5":              "no such version; there are 109, the last are 3.88",
		"3.0..3.39": "3.0 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 3.16 3.17 " +
			"3.18 3.19 3.20 3.21 3.22 3.23 3.24 3.25 3.26 3.27 3.28 3.29 3.30 3.31 3.32 3.33 3.34 3.35 3.36 3.37 " +
			"3.38 3.39",
		"3.0..3.40":             "got 41 versions, each to be installed; at most 40",
		"2..1":                  "2 is newer than 1: write the older one first",
		"1...2":                 "write A..B",
		"..":                    "write A..B",
		"":                      "write A..B",
		"1,,2":                  "write A..B",
		"1..2..3":               "write A..B",
		"1.0.0; rm":             "write A..B",
		strings.Join(many, ","): "got 100 versions",
	} {
		r, err := ParseVersions(text)
		var got []string
		if err == nil {
			got, err = r.Select(append(slices.Clone(all), many...))
		}
		said := strings.Join(got, " ")
		if err != nil {
			said = err.Error()
		}
		if err == nil && said != want || err != nil && !strings.Contains(said, want) {
			t.Errorf("%s: got %q, want %q", text, said, want)
		}
	}
}

// A family's name denotes its newest target, and each version the nearest one below it.
func TestFamily(t *testing.T) {
	t.Setenv(HomeVariable, t.TempDir())
	words := scenarios.Shipped()
	family, err := Shipped().Family(words, "hermes-agent")
	if err != nil || len(family) != 3 {
		t.Fatalf("got %v, %v", family, err)
	}
	newest, err := Shipped().Find(words, "hermes-agent")
	if err != nil || newest.Name != "hermes-agent-0.19" {
		t.Errorf("got %+v, %v", newest, err)
	}
	for version, want := range map[string]string{
		"0.9.0": "0.13", "0.13.0": "0.13", "0.17.0": "0.13", "0.18.0": "0.18", "0.18.2": "0.18", "0.19": "0.19",
		"0.20.0": "0.19",
	} {
		if got := Nearest(family, version); got.Name != "hermes-agent-"+want {
			t.Errorf("%s: got %s, want %s", version, got.Name, want)
		}
	}
	at, err := Nearest(family, "0.18.2").At("0.18.2")
	if err != nil || at.Name != "hermes-agent-0.18.2" || at.called() != "hermes-agent --versions 0.18.2" {
		t.Errorf("got %+v, %v", at, err)
	}
	if _, err := Shipped().Find(words, "hermes"); err == nil ||
		!strings.Contains(err.Error(), `no such target: "hermes"`) {
		t.Errorf("got %v", err)
	}
	of, err := Shipped().OfIssue(words, family[0].Issue)
	if err != nil || len(of) != 3 {
		t.Errorf("of the issue: got %v, %v", of, err)
	}
	if none, err := (Catalogue{}).Family(words, "hermes-agent"); err != nil || none != nil {
		t.Errorf("of an empty catalogue: got %v, %v", none, err)
	}
}
