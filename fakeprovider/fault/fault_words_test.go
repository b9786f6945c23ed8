package fault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// vendorNames returns the identifiers that only a protocol has a use for.
func vendorNames() map[string]bool {
	names := map[string]bool{}
	for _, p := range protocol.All() {
		names[reflect.TypeOf(p).Name()] = true
	}
	return names
}

// TestNoFaultKnowsAProtocol reads the source of every fault: none names the type of a protocol or
// of its encoder.
func TestNoFaultKnowsAProtocol(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		for _, name := range vendors(t, file, nil) {
			t.Errorf("%s names %s", file, name)
		}
	}
	got := vendors(t, "fault.go", "package p\n\nfunc f(p any) bool { _, ok := p.(AnthropicMessages); return ok }\n")
	if len(got) != 1 {
		t.Errorf("the test finds %q where there is one name", got)
	}
}

// vendors returns the names of vendors in a file that is not a test.
func vendors(t *testing.T, file string, src any) (found []string) {
	t.Helper()
	if matched, _ := filepath.Match("*_test.go", file); matched {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := vendorNames()
	ast.Inspect(parsed, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && names[id.Name] {
			found = append(found, id.Name)
		}
		return true
	})
	return found
}
