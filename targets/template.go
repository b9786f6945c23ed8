package targets

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// values holds the values of templates: {{port}}, {{url}}, {{dir}}, {{here}}, {{home}}, {{ca}},
// {{prompt}}, {{settings.NAME}}, {{upstream.1.url}} and {{range upstreams}} … {{end}}.
type values struct {
	// port and url are those of the engine, url without a slash at the end. Default: it has none.
	port, url string
	// dir is the scratch folder of the instance, here the folder of the target file, and home the
	// folder that the engine is installed into.
	dir, here, home string
	// ca is the file of the run's authority. Default: the providers speak HTTP.
	ca       string
	settings map[string]string
	// prompt is that of a call, for the command of one.
	prompt    string
	upstreams []harness.Upstream
	// env looks up a variable of the environment. Default: os.LookupEnv.
	env func(name string) (string, bool)
}

// expand fills in a template. It leaves ${NAME} alone, which shells and configuration files use.
func (v values) expand(text string) (string, error) { return v.fill(text, false) }

// expandEnv fills in a template in which ${NAME} is a variable of the environment.
func (v values) expandEnv(text string) (string, error) { return v.fill(text, true) }

func (v values) fill(text string, env bool) (string, error) {
	parts, flaws := parseTemplate(text, env)
	if len(flaws) > 0 {
		return "", flaws[0]
	}
	var b strings.Builder
	if err := v.write(&b, parts, 0); err != nil {
		return "", err
	}
	return b.String(), nil
}

// write appends the parts. at is the position of the upstream of a range, from 1, and 0 outside of
// one.
func (v values) write(b *strings.Builder, parts []part, at int) error {
	for _, p := range parts {
		switch p.kind {
		case partText:
			b.WriteString(p.text)
		case partName:
			text, err := v.lookup(p.text, at)
			if err != nil {
				return err
			}
			b.WriteString(text)
		case partEnv:
			text, err := v.variable(p.text)
			if err != nil {
				return err
			}
			b.WriteString(text)
		case partRange:
			for i := range v.upstreams {
				if err := v.write(b, p.inner, i+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// variable returns a variable of the environment. The error names it, and never a value.
func (v values) variable(name string) (string, error) {
	lookup := v.env
	if lookup == nil {
		lookup = os.LookupEnv
	}
	if text, ok := lookup(name); ok {
		return text, nil
	}
	return "", fmt.Errorf("the environment variable %s is not set", name)
}

// lookup returns the value of a name. at has the meaning that it has in write.
func (v values) lookup(name string, at int) (string, error) {
	if at > 0 {
		if name == "comma" {
			return map[bool]string{true: ","}[at < len(v.upstreams)], nil
		}
		if text, ok := upstreamField(v.upstreams[at-1], at, name); ok {
			return text, nil
		}
	}
	first, rest, _ := strings.Cut(name, ".")
	switch first {
	case "port":
		return v.port, nil
	case "url":
		return v.url, nil
	case "dir":
		return v.dir, nil
	case "here":
		return v.here, nil
	case "home":
		return v.home, nil
	case "ca":
		return v.ca, nil
	case "prompt":
		return v.prompt, nil
	case "settings":
		if text, ok := v.settings[rest]; ok {
			return text, nil
		}
	case "upstream":
		which, field, _ := strings.Cut(rest, ".")
		for i, u := range v.upstreams {
			if text, ok := upstreamField(u, i+1, field); ok && (which == u.Name || which == strconv.Itoa(i+1)) {
				return text, nil
			}
		}
	}
	return "", fmt.Errorf("a template names {{%s}}, which has no value", name)
}

// upstreamField returns a field of an upstream as templates name it. at is its position, from 1.
func upstreamField(u harness.Upstream, at int, field string) (string, bool) {
	switch field {
	case "name":
		return u.Name, true
	case "protocol":
		return u.Protocol, true
	case "url":
		return u.URL, true
	case "base_url":
		return u.BaseURL, true
	case "key":
		return u.Key, true
	case "model":
		return u.Model, true
	case "index":
		return strconv.Itoa(at), true
	}
	return "", false
}

// upstreamFields returns the names that upstreamField knows.
func upstreamFields() []string {
	return []string{"name", "protocol", "url", "base_url", "key", "model", "index"}
}

// globals returns the names outside of a range that have no dot.
func globals() []string { return []string{"port", "url", "dir", "here", "home", "ca", "prompt"} }

// A flaw is one problem of a template.
type flaw struct {
	// tag is the wrong text, as written in the template.
	tag string
	// word is the unknown word, and known lists the valid ones. Without a word, message is the
	// whole text.
	word    string
	known   []string
	message string
}

// Error returns the flaw with a suggestion.
func (f flaw) Error() string {
	if f.message != "" {
		return f.message
	}
	text := fmt.Sprintf("unknown name {{%s}}", f.word)
	if near := strictyaml.Nearest(f.word, f.known); near != "" {
		return text + fmt.Sprintf(" (did you mean {{%s}}?)", near)
	}
	return text
}

func newFlaw(tag, format string, args ...any) flaw {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return flaw{tag: tag, message: format}
}

// values returns the values of templates before an instance is started.
func (t *Target) values(settings map[string]string, upstreams []harness.Upstream) values {
	v := values{here: t.Dir, home: t.Home(), settings: map[string]string{}, upstreams: upstreams}
	for _, name := range t.settingNames() {
		v.settings[name] = settings[name] // a setting that only another variant has is empty
	}
	return v
}
