package targets

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// uses holds the names in the templates of a target.
type uses struct {
	// loop says that a template repeats something for each upstream. highest is the highest
	// position of an upstream in a template, and names holds the names of upstreams.
	loop    bool
	highest int
	names   []string
	// settings holds the settings in templates, env the variables of the environment.
	settings, env []string
}

// templates checks every template of the file.
func (c checker) templates() {
	for _, key := range []string{"version", "start", "call", "between_runs", "upstream_tls", "upstream_host"} {
		if n, ok := c.at(key); ok {
			c.walk(n, []string{key})
		}
	}
	if n, ok := c.at("model_seen"); ok {
		counted := c.t.uses
		c.walk(n, []string{"model_seen"})
		c.t.uses.loop, c.t.uses.names = counted.loop, counted.names // model_seen does not require a number of providers
		c.t.uses.highest = counted.highest
		if text, _ := n.String(); !n.Reported() && !modelOf.MatchString(text) {
			n.Report("%q: write which upstream's model it is, as in {{upstream.1.model}}", text)
		}
	}
}

// modelOf matches the valid forms of model_seen.
var modelOf = regexp.MustCompile(`^\{\{ *upstream\.([a-z0-9-]+)\.model *\}\}$`)

// walk checks the texts at and below a node.
func (c checker) walk(n *strictyaml.Node, path []string) {
	switch n.Kind() { //nolint:exhaustive // the rest has no text
	case strictyaml.Mapping:
		for _, f := range n.Fields() {
			c.walk(f.Value, append(slices.Clone(path), f.Name))
		}
	case strictyaml.Sequence:
		for _, item := range n.Items() {
			c.walk(item, path)
		}
	case strictyaml.String:
		text, _ := n.String()
		if len(path) > 3 && path[1] == "files" && path[3] == "from" {
			c.file(n, text)
			return
		}
		parts, flaws := parseTemplate(text, takesEnv(path))
		for _, f := range append(flaws, c.unknown(parts, false)...) {
			at := n.At(f.tag)
			if f.message != "" {
				at.Report("%s", f.message)
				continue
			}
			at.ReportUnknown("name", f.word, f.known)
		}
		if !takesEnv(path) && !isShell(path) {
			c.literalVariables(n, parts)
		}
	}
}

// literalVariables reports a ${NAME} that would be sent literally.
func (c checker) literalVariables(n *strictyaml.Node, parts []part) {
	for _, p := range parts {
		if p.kind != partText {
			continue
		}
		if i := strings.Index(p.text, "${"); i >= 0 {
			if m := templateVariable.FindString(p.text[i:]); m != "" {
				n.At(m).Report("%s has no effect here, only in start.env, call.key, call.headers and call.base_url", m)
			}
		}
	}
}

// takesEnv reports whether ${NAME} is a variable in the text at a path.
func takesEnv(path []string) bool {
	where := strings.Join(path[:min(2, len(path))], ".")
	return slices.Contains([]string{"start.env", "call.key", "call.headers", "call.base_url"}, where)
}

// isShell reports whether another program reads the text at a path, and may itself expand ${NAME}.
func isShell(path []string) bool {
	return path[len(path)-1] == "command" || (len(path) > 1 && path[1] == "files")
}

// file checks the template in another file.
func (c checker) file(n *strictyaml.Node, name string) {
	data, err := c.files.read(name)
	if err != nil {
		return // it is reported elsewhere
	}
	parts, flaws := parseTemplate(string(data), false)
	for _, f := range append(flaws, c.unknown(parts, false)...) {
		at := max(0, bytes.Index(data, []byte(f.tag)))
		line := bytes.Count(data[:at], []byte("\n")) + 1
		column := len([]rune(string(data[bytes.LastIndexByte(data[:at], '\n')+1:at]))) + 1
		n.Report("%s:%d:%d: %s", name, line, column, f.Error())
	}
}

// unknown returns a flaw for each unknown name, and records in uses what the others need. inside
// says that the parts are in a range.
func (c checker) unknown(parts []part, inside bool) []flaw {
	var flaws []flaw
	for _, p := range parts {
		switch p.kind {
		case partEnv:
			if !slices.Contains(c.t.uses.env, p.text) {
				c.t.uses.env = append(c.t.uses.env, p.text)
			}
		case partRange:
			c.t.uses.loop = true
			flaws = append(flaws, c.unknown(p.inner, true)...)
		case partName:
			if inside && slices.Contains(append(upstreamFields(), "comma"), p.text) {
				continue
			}
			if f := c.unknownName(p, inside); f != nil {
				flaws = append(flaws, *f)
			}
		case partText:
		}
	}
	return flaws
}

// unknownName returns the flaw of one name, or nil.
func (c checker) unknownName(p part, inside bool) *flaw {
	first, rest, dotted := strings.Cut(p.text, ".")
	switch {
	case (p.text == "port" || p.text == "url") && (c.t.Start == nil || c.t.Kind != Gateway):
		return &flaw{
			tag:     p.tag,
			message: p.tag + " is the address of a gateway that chaosrun starts: it does not start this one",
		}
	case p.text == "prompt" && c.t.Kind != Command:
		return &flaw{tag: p.tag, message: p.tag + " is the prompt of a call, and has a value only in call.command"}
	case !dotted && slices.Contains(globals(), first):
		return nil
	case first == "settings" && dotted:
		if slices.Contains(c.t.settingNames(), rest) {
			c.t.uses.settings = append(c.t.uses.settings, rest)
			return nil
		}
	case first == "upstream" && dotted:
		which, field, _ := strings.Cut(rest, ".")
		if slices.Contains(upstreamFields(), field) {
			return c.useUpstream(p, which)
		}
		return &flaw{tag: p.tag, word: p.text, known: prefixed("upstream."+which+".", upstreamFields())}
	}
	return &flaw{tag: p.tag, word: p.text, known: c.names(inside)}
}

// useUpstream records an upstream that a template names, by position or by name.
func (c checker) useUpstream(p part, which string) *flaw {
	position, err := strconv.Atoi(which)
	switch {
	case err != nil && !slices.Contains(c.t.uses.names, which):
		c.t.uses.names = append(c.t.uses.names, which)
	case err == nil && position < 1:
		return &flaw{tag: p.tag, message: p.tag + ": upstreams are counted from 1"}
	case err == nil:
		c.t.uses.highest = max(c.t.uses.highest, position)
	}
	return nil
}

// names returns the names that a template may use.
func (c checker) names(inside bool) []string {
	known := globals()
	if inside {
		known = append(append(upstreamFields(), "comma"), known...)
	}
	for _, name := range c.t.settingNames() {
		known = append(known, "settings."+name)
	}
	if c.t.Kind != Command {
		known = slices.DeleteFunc(known, func(name string) bool { return name == "prompt" })
	}
	slices.Sort(known)
	return append(slices.Compact(known), prefixed("upstream.1.", upstreamFields())...)
}

// settingNames returns the names of all settings, sorted: the declared ones, and those that only a
// variant has.
func (t *Target) settingNames() []string {
	names := slices.Collect(maps.Keys(t.Settings))
	for _, variant := range t.Overrides {
		names = slices.AppendSeq(names, maps.Keys(variant))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func prefixed(prefix string, words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = prefix + w
	}
	return all
}
