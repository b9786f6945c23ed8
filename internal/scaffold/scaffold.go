package scaffold

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed templates/*.tmpl templates/init
var templates embed.FS

// A kind describes a kind of scaffold: fault, protocol or expectation.
type kind struct {
	// dir is the folder of the new files. registry is the file with the list of all. Both are
	// relative to the root.
	dir, registry string
	// separator joins the words of a name.
	separator string
	// line is the new line in the registry. It follows the last line that matches the regular
	// expression after.
	line, after string
	// next lists the next steps for the user.
	next []string
}

// kinds returns all kinds, by name.
func kinds() map[string]kind {
	return map[string]kind{
		"fault": {
			dir: "fakeprovider/fault", registry: "fakeprovider/fault/fault.go", separator: "-",
			line: "\t\t{{.Type}}{}.Info(),", after: `^\t\t\w+\{\}\.Info\(\),$`,
			next: []string{
				"go test ./fakeprovider/fault -run 'Test{{.Type}}$'            fails until the fault is completed",
				"go test ./fakeprovider/fault -update                       its golden, and docs/FAULTS.md",
				"go test ./scenarios -update                                the schema that editors use",
				"docs/WRITING_A_FAULT.md has the details",
			},
		},
		"protocol": {
			dir: "fakeprovider/protocol", registry: "fakeprovider/protocol/all.go", separator: "-",
			line: "\t\t{{.Type}}{},", after: `^\t\t\w+\{\},$`,
			next: []string{
				"go test ./fakeprovider/protocol -run 'Test{{.Type}}$'         fails until the protocol is completed",
				"go test ./fakeprovider/protocol -update                    its goldens",
				"go test ./scenarios -update                                the schema that editors use",
				"docs/WRITING_A_PROTOCOL.md has the details",
			},
		},
		"expectation": {
			dir: "assertions", registry: "assertions/all.go", separator: "_",
			line: "\t\t{{.Type}}{},", after: `^\t\t\w+\{\},$`,
			next: []string{
				"go test ./assertions -run 'Test{{.Type}}$'                    fails until the expectation is " +
					"completed",
				"go test ./scenarios -update                                the schema that editors use",
				"CONTRIBUTING.md has the details",
			},
		},
	}
}

// Kinds returns the names of the kinds, sorted.
func Kinds() []string {
	var names []string
	for name := range kinds() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// module is the first line of go.mod in a checkout of this project.
const module = "module github.com/chaosrun/chaosrun\n"

// New plans the files for a new fault, protocol or expectation in the checkout at root. The name
// has small letters and digits. Its words are joined by hyphens, or by underscores for an
// expectation. An invalid argument returns ErrUsage.
func New(root, kindName, name string) (Plan, error) {
	k, ok := kinds()[kindName]
	if !ok {
		return Plan{}, usage("%q is no kind: one of %s", kindName, strings.Join(Kinds(), ", "))
	}
	if mod, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil || !bytes.HasPrefix(mod, []byte(module)) {
		return Plan{},
			usage("%s is no checkout of chaosrun: its go.mod does not say %q", root, strings.TrimSpace(module))
	}
	words, err := wordsOf(name)
	if err != nil {
		return Plan{}, err
	}
	thing := thing{
		Kind: kindName, Name: strings.Join(words, k.separator), File: strings.Join(words, "_"), Type: typeOf(words),
	}
	p := Plan{Files: map[string][]byte{}, Changed: map[string][]byte{}}
	for _, suffix := range []string{"", "_test"} {
		path := k.dir + "/" + thing.File + suffix + ".go"
		if p.Files[path], err = thing.render("templates/" + kindName + suffix + ".go.tmpl"); err != nil {
			return Plan{}, err
		}
	}
	if err := p.vacant(root); err != nil {
		return Plan{}, err
	}
	if p.Changed[k.registry], err = k.register(root, thing); err != nil {
		return Plan{}, err
	}
	for _, line := range k.next {
		p.Next = append(p.Next, thing.fill(line))
	}
	return p, nil
}

// A thing holds the values for the templates.
type thing struct {
	Kind, Name, File, Type string
}

// fill replaces the words of a template that stand for the thing. Package text/template would do
// the same, and add a megabyte to every command.
func (t thing) fill(text string) string {
	return strings.NewReplacer("{{.Kind}}", t.Kind, "{{.Name}}", t.Name, "{{.File}}", t.File, "{{.Type}}",
		t.Type).Replace(text)
}

// render returns a template with the thing in it.
func (t thing) render(name string) ([]byte, error) {
	text, err := fs.ReadFile(templates, name)
	if err != nil {
		return nil, err
	}
	return []byte(t.fill(string(text))), nil
}

// register returns the registry with the new line after the last line of its kind.
func (k kind) register(root string, t thing) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(k.registry)))
	if err != nil {
		return nil, err
	}
	line := t.fill(k.line)
	lines := strings.Split(string(data), "\n")
	after, last := regexp.MustCompile(k.after), -1
	for i, l := range lines {
		if after.MatchString(l) {
			last = i
		}
		if l == line {
			return nil, usage("%s is in %s already", t.Type, k.registry)
		}
	}
	if last < 0 {
		return nil, fmt.Errorf("%s has no list that a line could be added to", k.registry)
	}
	return []byte(strings.Join(slices.Insert(lines, last+1, line), "\n")), nil
}

var name = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// wordsOf splits a name into words.
func wordsOf(text string) ([]string, error) {
	if !name.MatchString(text) {
		return nil, usage("%q is no name: write small letters and digits, with hyphens between words, as in "+
			"heartbeat-only", text)
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '_' }), nil
}

// typeOf returns the Go name of words: heartbeat-only becomes HeartbeatOnly.
func typeOf(words []string) string {
	initials := []string{"api", "dns", "eof", "http", "id", "json", "sse", "tls", "ttft", "url", "utf8"}
	var b strings.Builder
	for _, w := range words {
		if slices.Contains(initials, w) { // initialisms, in capitals
			b.WriteString(strings.ToUpper(w))
			continue
		}
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
