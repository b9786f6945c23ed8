package targets

import (
	"cmp"
	"encoding/json"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

var (
	validName   = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	validMemory = regexp.MustCompile(`^[1-9]\d*(KiB|MiB|GiB)$`)
)

// name checks the name of the target.
func (c checker) name() {
	n, ok := c.at("target")
	switch {
	case !ok:
		c.root.Report("the target has no name: write `target: my-gateway`")
	case !n.Reported() && !validName.MatchString(c.t.Name):
		n.Report("%q: a target's name is made of small letters, digits, dots and hyphens", c.t.Name)
	}
}

func (c checker) protocols() {
	n, _ := c.at("protocols")
	for _, item := range items(n) {
		item.OneOf("protocol", c.words.ProtocolNames())
	}
	c.oneOf("protocol", c.words.ProtocolNames(), "call", "protocol")
}

// exists checks that the file at a path exists.
func (c checker) exists(path ...string) {
	n, ok := c.at(path...)
	if !ok || n.Reported() {
		return
	}
	name, _ := n.String()
	if _, err := c.files.read(name); err != nil {
		n.Report("there is no file %s beside the target file", name)
	}
}

// kind checks that the keys of each kind of engine are there, and no others.
func (c checker) kind() {
	n, ok := c.at("kind")
	if !ok {
		c.root.Report("the target has no kind: write `kind: gateway`, `kind: worker` or `kind: command`")
		return
	}
	if _, known := n.OneOf("kind", kinds()); !known {
		return
	}
	if c.t.Start != nil && c.t.Kind != Command && len(c.t.Start.Command) == 0 && !c.key("start").Reported() {
		c.key("start").Report("start has no command: write `start: {command: [my-engine, --port, \"{{port}}\"]}`")
	}
	switch c.t.Kind {
	case Gateway:
		if c.t.Call.BaseURL == "" {
			c.key("call", "base_url").Report("a gateway is called over HTTP: write `call: {base_url: \"{{url}}/v1\"}`")
		}
		if c.t.Start == nil && len(c.t.Upstreams) == 0 {
			c.root.Report("a gateway without start is already running and needs fixed providers: write `upstreams: " +
				"[{listen: 127.0.0.1:4010}, …]`")
		}
		c.noPlace("a gateway is called over HTTP: remove `command`", "call", "command")
	case Worker:
		if c.t.Start == nil {
			n.Report("a worker needs a start: write `start: {command: [python, ./worker.py]}`")
		}
		c.noPlace("a worker is called over its standard input: remove `call`", "call")
		c.noPlace("a worker is ready when it answers the first line: remove `ready`", "start", "ready")
	case Command:
		if len(c.t.Call.Command) == 0 {
			c.key("call", "command").Report("a command is started once per call: write `call: {command: [my-agent, " +
				"--prompt, say hello]}`")
		}
		for _, key := range []string{"base_url", "key", "headers", "body", "model"} {
			c.noPlace("a command is not called over HTTP: remove `"+key+"`", "call", key)
		}
	}
}

func (c checker) noPlace(message string, path ...string) {
	if c.has(path...) {
		c.key(path...).Report("%s", message)
	}
}

// startFiles checks the files of start, and the paths in commands.
func (c checker) startFiles() {
	n, _ := c.at("start", "files")
	if c.has("start", "files") {
		for _, f := range fields(n) {
			from, hasFrom := f.Value.Field("from")
			_, hasText := f.Value.Field("text")
			switch {
			case !filepath.IsLocal(f.Name):
				f.Key.Report("%q would be written outside of {{dir}}: write a relative path", f.Name)
			case hasFrom == hasText:
				f.Value.Report("want either `from`, the name of another file, or `text`")
			case hasFrom:
				if name, _ := from.Value.String(); !c.readable(name) {
					from.Value.Report("there is no file %s beside the target file", name)
				}
			}
		}
	}
	if m, ok := c.at("start", "memory"); ok && !m.Reported() && !validMemory.MatchString(c.t.Start.Memory) {
		m.Report("%q is not a size: write it like 512MiB or 4GiB", c.t.Start.Memory)
	}
	for _, path := range [][]string{{"start", "command"}, {"call", "command"}, {"version", "command"}} {
		command, ok := c.at(path...)
		if !ok {
			continue
		}
		for _, item := range items(command) {
			text, _ := item.String()
			if (strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../")) && !strings.Contains(text, "{{") &&
				!c.readable(text) {
				item.Report("there is no file %s beside the target file", text)
			}
		}
	}
}

func (c checker) readable(name string) bool {
	_, err := c.files.read(name)
	return err == nil
}

// calls checks the URL and the body of calls.
func (c checker) calls() {
	base := c.t.Call.BaseURL
	if n, ok := c.at("call", "base_url"); ok && !n.Reported() && !strings.ContainsAny(base, "{$") && !isURL(base) {
		n.Report("%q is not a URL: write it like http://127.0.0.1:8080/v1", base)
	}
	n, ok := c.at("call", "body")
	if !ok || n.Reported() {
		return
	}
	// The values of templates are not known yet. A number is valid inside a text too.
	text := regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(c.t.Call.Body, "0")
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		n.Report(`body is not a JSON object: write it like '{"user": "chaosrun"}'`)
	}
}

// upstreams checks the addresses of the providers.
func (c checker) upstreams() {
	list, ok := c.at("upstreams")
	if !ok || list.Kind() != strictyaml.Sequence {
		return
	}
	if len(list.Items()) == 0 {
		list.Report("`upstreams` is empty: write `upstreams: [{listen: 127.0.0.1:4010}]`, or remove it to use " +
			"free ports")
	}
	taken := map[string]bool{}
	for i, item := range list.Items() {
		if item.Reported() || i >= len(c.t.Upstreams) {
			continue
		}
		u := c.t.Upstreams[i]
		c.listen(item.FieldNode("listen"), u.Listen, taken)
		taken[u.Listen] = true
		if protocol, given := item.Field("protocol"); given {
			protocol.Value.OneOf("protocol", c.words.ProtocolNames())
		}
		if advertise, given := item.Field("advertise"); given && !isURL(u.Advertise) {
			advertise.Value.Report("%q is not a URL: write it like http://host.docker.internal:4010", u.Advertise)
		}
	}
}

func (c checker) listen(n *strictyaml.Node, listen string, taken map[string]bool) {
	host, port, err := net.SplitHostPort(listen)
	number, notANumber := strconv.ParseUint(port, 10, 16)
	switch {
	case listen == "":
		n.Report("the upstream has no address: write `listen: 127.0.0.1:4010`")
	case err != nil || notANumber != nil:
		n.Report("%q is not an address: write HOST:PORT, as in 127.0.0.1:4010", listen)
	case host == "":
		n.Report("%q would listen on every address of the machine: write 127.0.0.1%s, or 0.0.0.0%s if that is meant",
			listen, listen, listen)
	case number != 0 && taken[listen]:
		n.Report("another upstream listens on %s already", listen)
	}
}

func isURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
}

// variants checks that variants override existing settings: those that are declared, or named by a
// template.
func (c checker) variants() {
	var settings []string
	if n, ok := c.at("settings"); ok {
		for _, f := range fields(n) {
			settings = append(settings, f.Name)
			if !validSetting.MatchString(f.Name) {
				f.Key.Report("%q: a setting's name is made of letters, digits, _ and -", f.Name)
			}
		}
	}
	settings = append(settings, c.t.uses.settings...)
	n, ok := c.at("variants")
	if !ok {
		return
	}
	for _, variant := range fields(n) {
		if !validName.MatchString(variant.Name) {
			variant.Key.Report("%q: a variant's name is made of small letters, digits, dots and hyphens", variant.Name)
		}
		for _, f := range fields(variant.Value) {
			if !slices.Contains(settings, f.Name) {
				f.Key.ReportUnknown("setting", f.Name, settings)
			}
		}
	}
}

var validSetting = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func (c checker) limits() {
	n, ok := c.at("limits")
	if !ok {
		return
	}
	known := append([]string{campaign.CallLimit}, c.words.Measures()...)
	for _, f := range fields(n) {
		switch {
		case !slices.Contains(known, f.Name):
			f.Key.ReportUnknown("measure", f.Name, known)
		case c.t.Limits[f.Name] <= 0:
			f.Value.Report("want a time above zero")
		}
	}
}

func (c checker) advice() {
	n, ok := c.at("advice")
	if !ok {
		return
	}
	var known []string
	for _, s := range scenarios.Catalogue() {
		known = append(known, s.Name)
	}
	for _, f := range fields(n) {
		if len(scenariosLike(f.Name)) == 0 {
			f.Key.ReportUnknown("scenario", f.Name, known)
		}
	}
}

// scenariosLike returns the names of the scenarios of the catalogue that a name or a glob denotes.
func scenariosLike(pattern string) []string {
	found, err := scenarios.Match(pattern)
	if err != nil {
		return nil // it is not a glob
	}
	names := make([]string, len(found))
	for i, s := range found {
		names[i] = s.Name
	}
	return names
}

// adviceByScenario returns the advice for each scenario. The advice for a name wins over that for a
// glob, and a longer glob over a shorter one.
func (t *Target) adviceByScenario() map[string]string {
	patterns := slices.SortedFunc(maps.Keys(t.Advice),
		func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	all := map[string]string{}
	for _, pattern := range patterns {
		for _, name := range scenariosLike(pattern) {
			all[name] = t.Advice[pattern]
		}
	}
	for name, text := range t.Advice {
		if _, known := all[name]; known {
			all[name] = text
		}
	}
	return all
}

func (c checker) betweenRuns() {
	b := c.t.BetweenRuns
	if n, ok := c.at("between_runs", "restart"); ok && !n.Reported() && b.Restart != nil {
		switch {
		case *b.Restart && c.t.Start == nil:
			n.Report("without start the engine cannot be restarted: write `between_runs: {wait: 6s}`")
		case !*b.Restart && c.t.Kind == Gateway && c.t.Start != nil && len(c.t.Upstreams) == 0:
			n.Report("a gateway that serves all runs needs providers at fixed ports: write `upstreams: [{listen: " +
				"127.0.0.1:4010}, …]`")
		}
	}
	if n, ok := c.at("between_runs", "wait"); ok && !n.Reported() && b.Wait < 0 {
		n.Report("the pause is negative: want 0 or more")
	}
	if n, ok := c.at("between_runs", "post"); ok && !n.Reported() && !strings.HasPrefix(b.Post, "/") &&
		!strings.HasPrefix(b.Post, "{{") && !isURL(b.Post) {
		n.Report("%q is neither a path, as in /reset, nor a URL", b.Post)
	}
}
