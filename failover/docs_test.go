package failover_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
)

const (
	engineDoc  = "../docs/ENGINE.md"
	knobsBegin = "<!-- knobs: written by go test ./failover -run TestEngineDoc -update -->\n"
	knobsEnd   = "<!-- end of knobs -->\n"
)

// The table of knobs in docs/ENGINE.md is what the source says about the fields of Policy.
func TestEngineDoc(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(engineDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), knobsBegin)
	_, after, ok2 := strings.Cut(rest, knobsEnd)
	if !ok || !ok2 {
		t.Fatal("the marks of the table are gone")
	}
	want := before + knobsBegin + knobTable(t) + knobsEnd + after
	if *update {
		if err := os.WriteFile(engineDoc, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("%s is not current: go test ./failover -run TestEngineDoc -update (-want +got)\n%s", engineDoc, diff)
	}
}

func TestEngineDocNamesEveryPolicy(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(engineDoc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range failover.PolicyNames() {
		if !strings.Contains(string(data), "`"+name+"`") {
			t.Errorf("nothing about %s", name)
		}
	}
}

// The table of protocols is whole, and says where each one's requests go.
func TestEngineDocNamesEveryProtocol(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(engineDoc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range failover.Protocols() {
		if !strings.Contains(string(data), "\n| `"+name+"` |") {
			t.Errorf("nothing about %s", name)
		}
	}
}

func knobTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| knob | value | default | what it does |\n|---|---|---|---|\n")
	writeKnobs(t, &b, fieldDocs(t), "", reflect.ValueOf(failover.NewPolicy()))
	b.WriteString("\n")
	return b.String()
}

// writeKnobs writes a row for each field of a struct, those of inner structs after it.
func writeKnobs(t *testing.T, b *strings.Builder, docs map[string]string, path string, of reflect.Value) {
	t.Helper()
	for i := range of.NumField() {
		field := of.Type().Field(i)
		name := path + field.Tag.Get("yaml")
		if field.Tag.Get("yaml") == "" || slices.Contains(documentation, name) {
			continue
		}
		doc := docs[of.Type().Name()+"."+field.Name]
		inner, elem := of.Field(i), field.Type
		for elem.Kind() == reflect.Slice || elem.Kind() == reflect.Map {
			elem = elem.Elem()
		}
		if elem.Kind() != reflect.Struct {
			if doc == "" {
				t.Errorf("nothing says what %s does", name)
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, kindOf(field.Type), defaultOf(inner), doc)
			continue
		}
		suffix := "."
		switch field.Type.Kind() { //nolint:exhaustive // the third kind is the struct itself
		case reflect.Slice:
			suffix = "[]."
			inner = reflect.New(elem).Elem()
		case reflect.Map:
			suffix = ".*."
			inner = reflect.New(elem).Elem()
		}
		if doc == "" {
			doc = docs[elem.Name()]
		}
		fmt.Fprintf(b, "| **`%s`** | %s | | %s |\n", name, kindOf(field.Type), doc)
		writeKnobs(t, b, docs, name+suffix, inner)
	}
}

func kindOf(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // policies have no others
	case reflect.Slice:
		return "list of " + kindOf(t.Elem())
	case reflect.Map:
		return "by name: " + kindOf(t.Elem())
	case reflect.Struct:
		return "group"
	case reflect.Bool:
		return "yes or no"
	case reflect.Float64:
		return "fraction"
	case reflect.String:
		return "word"
	}
	if t == reflect.TypeFor[time.Duration]() {
		return "duration"
	}
	return "number"
}

func defaultOf(v reflect.Value) string {
	if v.IsZero() || v.Kind() == reflect.Map || v.Kind() == reflect.Slice {
		return ""
	}
	return fmt.Sprintf("%v", v.Interface())
}

// fieldDocs returns the comments of the package's structs ("Watch") and of their fields
// ("Watch.Stale"), each in one line.
func fieldDocs(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.TYPE {
				typeDocs(docs, gen)
			}
		}
	}
	return docs
}

func typeDocs(docs map[string]string, gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		typ, _ := spec.(*ast.TypeSpec)
		body, ok := typ.Type.(*ast.StructType)
		if !ok {
			continue
		}
		docs[typ.Name.Name] = oneLine(gen.Doc)
		var last string // fields in a row share the comment above the first
		for _, field := range body.Fields.List {
			if field.Doc != nil {
				last = oneLine(field.Doc)
			}
			for _, name := range field.Names {
				if field.Doc != nil || mentionsName(last, name.Name) {
					docs[typ.Name.Name+"."+name.Name] = last
				}
			}
		}
	}
}

func mentionsName(doc, name string) bool { return strings.Contains(doc+" ", name+" ") }

func oneLine(c *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(c.Text()), " ")
	return strings.ReplaceAll(docLink.ReplaceAllString(text, "$1"), "|", `\|`)
}

// docLink matches a [Link] of a doc comment.
var docLink = regexp.MustCompile(`\[([A-Z][\w.]*)\]`)
