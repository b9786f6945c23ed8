package fault_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// vendorNames are the identifiers that only a protocol has a use for.
func vendorNames() map[string]bool {
	names := map[string]bool{}
	for _, p := range protocol.All() {
		names[reflect.TypeOf(p).Name()] = true
	}
	return names
}

// TestNoFaultKnowsAProtocol reads the source of every fault: none names the type of a protocol or of its encoder.
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
	if got := vendors(t, "fault.go", "package p\n\nfunc f(p any) bool { _, ok := p.(AnthropicMessages); return ok }\n"); len(got) != 1 {
		t.Errorf("the test finds %q where there is one name", got)
	}
}

// vendors are the names of vendors in a file that is not a test.
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

// TestParametersOutOfRange takes each parameter of each fault of ours below what it can be: a negative number, a word that is none.
func TestParametersOutOfRange(t *testing.T) {
	t.Parallel()
	free := map[string]bool{ // any text will do
		"CommentOnly.Text": true, "ErrorBeforeContent.Code": true, "ErrorAfterContent.Code": true, "ModelRefusal.Text": true, "WrongModel.Model": true,
		"Repetition.Text": true, "WrongWire.Protocol": true, // which protocols there are, the provider knows
	}
	for _, info := range fault.All() {
		if !ours(info) {
			continue
		}
		typ := reflect.TypeOf(info.Default)
		for i := range typ.NumField() {
			bad := reflect.New(typ).Elem()
			bad.Set(reflect.ValueOf(info.Default))
			name := fmt.Sprintf("%s.%s", typ.Name(), typ.Field(i).Name)
			switch field := bad.Field(i); field.Kind() { //nolint:exhaustive // the kinds that parameters have
			case reflect.Int, reflect.Int64:
				field.SetInt(-1)
			case reflect.Uint8:
				field.SetUint(250)
			case reflect.String:
				field.SetString("no such word")
			case reflect.Bool:
				continue
			default:
				t.Errorf("%s: the test knows no bad %s", name, field.Kind())
			}
			v, ok := reflect.TypeAssert[fakeprovider.Validator](bad)
			if refused := ok && v.Validate() != nil; refused == free[name] {
				t.Errorf("%s = %v: refused is %t", name, bad.Field(i), refused)
			}
		}
	}
	for _, tooMuch := range []fakeprovider.Validator{
		fault.HugeEvent{Size: 1<<40 + 1},
		fault.ReplayedPrefix{After: 1001},
		fault.Repetition{Tokens: 1_000_001},
		fault.ErrorBeforeContent{Status: 200},
		fault.ErrorAfterContent{Status: 600},
		fault.BareError{Status: 399},
		fault.WhitespaceBeforeJSON{Status: 204},
	} {
		if err := tooMuch.Validate(); err == nil {
			t.Errorf("%#v is not refused", tooMuch)
		}
	}
}
