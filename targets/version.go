package targets

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// versionText matches what looks like a version in the output of a program.
var versionText = regexp.MustCompile(`\bv?(\d+\.\d+[0-9A-Za-z.+-]*)`)

// firstVersion returns the first version in a text, "" if there is none.
func firstVersion(text []byte) string {
	m := versionText.FindSubmatch(text)
	if m == nil {
		return ""
	}
	return strings.TrimRight(string(m[1]), ".+-")
}

// installedVersion returns the version of an installed package, "" if it is not installed in home.
func (t *Target) installedVersion() string {
	switch v := t.Version; {
	case v.Pip != "":
		return pipVersion(t.Home(), v.Pip)
	case v.Npm != "":
		return npmVersionOf([]string{t.Home(), t.Dir}, v.Npm)
	case v.Go != "":
		return goVersion([]string{t.Home(), filepath.Join(t.Dir, t.Packages.Go)}, v.Go)
	case v.Maven != "":
		return mavenVersion(t.Home(), v.Maven)
	}
	return ""
}

// pipVersion finds NAME-VERSION.dist-info in the site-packages below a folder.
func pipVersion(home, name string) string {
	plain := func(s string) string { return strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(s)) }
	for _, pattern := range []string{
		"*/lib/python*/site-packages/*.dist-info", "*/Lib/site-packages/*.dist-info", "site-packages/*.dist-info",
	} {
		found, err := filepath.Glob(filepath.Join(home, pattern))
		if err != nil {
			continue
		}
		for _, dir := range found {
			base := strings.TrimSuffix(filepath.Base(dir), ".dist-info")
			if i := strings.LastIndexByte(base, '-'); i > 0 && plain(base[:i]) == plain(name) {
				return base[i+1:]
			}
		}
	}
	return ""
}

// npmVersionOf reads the version from the package.json of an installed package.
func npmVersionOf(folders []string, name string) string {
	for _, dir := range folders {
		data, err := os.ReadFile(filepath.Join(dir, "node_modules", filepath.FromSlash(name), "package.json"))
		if err != nil {
			continue
		}
		var manifest struct {
			Version string `json:"version"`
		}
		if json.Unmarshal(data, &manifest) == nil {
			return manifest.Version
		}
	}
	return ""
}

// goVersion reads the version of a required module from a go.mod.
func goVersion(folders []string, module string) string {
	for _, dir := range folders {
		for _, file := range []string{"go.mod", "go.mod.txt", "src/go.mod"} {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if err != nil {
				continue
			}
			for line := range bytes.Lines(data) {
				words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(string(line)), "require "))
				if len(words) >= 2 && words[0] == module {
					return strings.TrimPrefix(words[1], "v")
				}
			}
		}
	}
	return ""
}
