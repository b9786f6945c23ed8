package targets

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
)

// The forms of packages with an exact version, and of other names in install and version.
var (
	pipExact = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]+\])?==[A-Za-z0-9][A-Za-z0-9._+!-]*$`)
	npmExact = regexp.MustCompile(
		`^(@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*@[0-9]+\.[0-9]+\.[0-9]+([-+][A-Za-z0-9.+-]+)?$`)
	mavenExact = regexp.MustCompile(`^[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+:\d[A-Za-z0-9_.+-]*$`)
	mavenName  = regexp.MustCompile(`^[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+$`)
	npmVersion = regexp.MustCompile(`^\d+\.\d+\.\d+([-+][A-Za-z0-9.+-]+)?$`)
)

// version checks the key version.
func (c checker) version() {
	n, ok := c.at("version")
	if ok && !n.Reported() && len(fields(n)) != 1 {
		n.Report("version has one key: command, pip, npm, go or maven")
	}
	if m, ok := c.at("version", "maven"); ok && !m.Reported() && !mavenName.MatchString(c.t.Version.Maven) {
		m.Report("%q is not an artifact: write it like com.openai:openai-java", c.t.Version.Maven)
	}
}

// install checks that every package has an exact version.
func (c checker) install() {
	exact := func(list string, pattern *regexp.Regexp, like string) {
		n, _ := c.at("install", list)
		for _, item := range items(n) {
			if text, _ := item.String(); !pattern.MatchString(text) {
				item.Report("%q has no exact version, so two installations may differ: write it like %s", text, like)
			}
		}
	}
	if c.has("install", "pip") {
		exact("pip", pipExact, `"litellm[proxy]==1.108.7"`)
	}
	if c.has("install", "npm") {
		exact("npm", npmExact, `"ai@7.0.173"`)
	}
	if c.has("install", "maven") {
		exact("maven", mavenExact, `"com.openai:openai-java:4.18.0"`)
		n, _ := c.at("install", "maven")
		for _, item := range items(n) {
			if text, _ := item.String(); strings.HasSuffix(text, "-SNAPSHOT") {
				item.Report("%q may name another package tomorrow: name a release", text)
			}
		}
	}
	if n, ok := c.at("install", "overrides"); ok {
		for _, f := range fields(n) {
			if text, _ := f.Value.String(); !npmVersion.MatchString(text) {
				f.Value.Report("%q is not an exact version: write it like 1.2.3", text)
			}
		}
	}
	c.exists("install", "lock")
	c.folder("install", "go")
	c.folder("install", "java")
}

// folder checks that the folder at a path exists.
func (c checker) folder(path ...string) {
	n, ok := c.at(path...)
	if !ok || n.Reported() {
		return
	}
	name, _ := n.String()
	if _, err := c.files.read(name); errors.Is(err, fs.ErrNotExist) { // another error: it is a folder
		n.Report("there is no folder %s beside the target file", name)
	}
}
