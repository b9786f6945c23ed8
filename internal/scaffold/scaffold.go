package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

// A kind is a kind of thing that can be begun.
type kind struct {
	// dir is the folder of its files, registry the file with the list of all, both from the root.
	dir, registry string
	// separator is what the words of a name are joined by.
	separator string
	// line is its line in the list. It comes after the last line that the regular expression after
	// matches.
	line, after string
	// next says what to do then.
	next []string
}

// kinds returns the kinds by name.
func kinds() map[string]kind {
	return map[string]kind{
		"fault": {
			dir: "fakeprovider/fault", registry: "fakeprovider/fault/fault.go", separator: "-",
			line: "\t\t{{.Type}}{}.Info(),", after: `^\t\t\w+\{\}\.Info\(\),$`,
			next: []string{
				"go test ./fakeprovider/fault -run 'Test{{.Type}}$'            red until the fault is filled in",
				"go test ./fakeprovider/fault -update                       its golden, and docs/FAULTS.md",
				"go test ./scenarios -update                                the schema that editors use",
				"docs/WRITING_A_FAULT.md says the rest",
			},
		},
		"protocol": {
			dir: "fakeprovider/protocol", registry: "fakeprovider/protocol/all.go", separator: "-",
			line: "\t\t{{.Type}}{},", after: `^\t\t\w+\{\},$`,
			next: []string{
				"go test ./fakeprovider/protocol -run 'Test{{.Type}}$'         red until the protocol is filled in",
				"go test ./fakeprovider/protocol -update                    its goldens",
				"go test ./scenarios -update                                the schema that editors use",
				"docs/WRITING_A_PROTOCOL.md says the rest",
			},
		},
		"expectation": {
			dir: "assertions", registry: "assertions/all.go", separator: "_",
			line: "\t\t{{.Type}}{},", after: `^\t\t\w+\{\},$`,
			next: []string{
				"go test ./assertions -run 'Test{{.Type}}$'                    red until the expectation is filled in",
				"go test ./scenarios -update                                the schema that editors use",
				"CONTRIBUTING.md says the rest",
			},
		},
	}
}

// Kinds returns the names of the kinds that can be begun, in alphabetical order.
func Kinds() []string {
	var names []string
	for name := range kinds() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ErrUsage says that a kind or a name is none, or that a thing of the name exists.
var ErrUsage = errors.New("scaffold")

// usageError is an ErrUsage whose text does not say so.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }
func (e *usageError) Unwrap() error { return ErrUsage }

func usage(text string, args ...any) error { return &usageError{fmt.Sprintf(text, args...)} }

// A Plan is what will be written: the content of each file by its path from the root, with slashes.
type Plan struct {
	// Files are new, Changed exist.
	Files, Changed map[string][]byte
	// Next says what to do after, a line each.
	Next []string
}

// module is the line of go.mod by which a checkout of this project is known.
const module = "module github.com/chaosrun/chaosrun\n"

// New plans the files of a new thing in the checkout at root. The name is made of small letters and
// digits, its words joined by hyphens; an expectation's may be joined by underscores. The error is
// ErrUsage where one of them is at fault.
func New(root, kindName, name string) (Plan, error) {
	k, ok := kinds()[kindName]
	if !ok {
		return Plan{}, usage("%q is no kind: one of %s", kindName, strings.Join(Kinds(), ", "))
	}
	if mod, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil || !bytes.HasPrefix(mod, []byte(module)) {
		return Plan{}, usage("%s is no checkout of chaosrun: its go.mod does not say %q", root, strings.TrimSpace(module))
	}
	words, err := wordsOf(name)
	if err != nil {
		return Plan{}, err
	}
	thing := thing{Kind: kindName, Name: strings.Join(words, k.separator), File: strings.Join(words, "_"), Type: typeOf(words)}
	p := Plan{Files: map[string][]byte{}, Changed: map[string][]byte{}}
	for _, suffix := range []string{"", "_test"} {
		path := k.dir + "/" + thing.File + suffix + ".go"
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); err == nil {
			return Plan{}, usage("%s exists already", path)
		}
		if p.Files[path], err = thing.render("templates/" + kindName + suffix + ".go.tmpl"); err != nil {
			return Plan{}, err
		}
	}
	if p.Changed[k.registry], err = k.register(root, thing); err != nil {
		return Plan{}, err
	}
	for _, line := range k.next {
		text, err := thing.fill(line)
		if err != nil {
			return Plan{}, err
		}
		p.Next = append(p.Next, text)
	}
	return p, nil
}

// Write writes the plan into the checkout at root.
func (p Plan) Write(root string) error {
	for _, files := range []map[string][]byte{p.Files, p.Changed} {
		for path, data := range files {
			name := filepath.Join(root, filepath.FromSlash(path))
			if err := os.WriteFile(name, data, 0o644); err != nil { //nolint:gosec // a source file
				return err
			}
		}
	}
	return nil
}

// A thing is what templates are filled in with.
type thing struct {
	Kind, Name, File, Type string
}

// fill fills in one line.
func (t thing) fill(text string) (string, error) {
	parsed, err := template.New("line").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, t); err != nil {
		return "", err
	}
	return b.String(), nil
}

// render fills in a template, and formats it.
func (t thing) render(name string) ([]byte, error) {
	text, err := fs.ReadFile(templates, name)
	if err != nil {
		return nil, err
	}
	filled, err := t.fill(string(text))
	if err != nil {
		return nil, err
	}
	return format.Source([]byte(filled))
}

// register returns the registry with the thing's line after the last one of its kind.
func (k kind) register(root string, t thing) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(k.registry)))
	if err != nil {
		return nil, err
	}
	line, err := t.fill(k.line)
	if err != nil {
		return nil, err
	}
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

// wordsOf takes a name apart.
func wordsOf(text string) ([]string, error) {
	if !name.MatchString(text) {
		return nil, usage("%q is no name: write small letters and digits, with hyphens between words, as in heartbeat-only", text)
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '_' }), nil
}

// typeOf returns the Go name: heartbeat-only is HeartbeatOnly.
func typeOf(words []string) string {
	initials := []string{"api", "dns", "eof", "http", "id", "json", "sse", "tls", "ttft", "url", "utf8"}
	var b strings.Builder
	for _, w := range words {
		if slices.Contains(initials, w) { // words that Go writes in capitals
			b.WriteString(strings.ToUpper(w))
			continue
		}
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
