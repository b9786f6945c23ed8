package fault_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// TestEveryFaultIsTested wants for every fault a golden, and a test named after its type that
// calls shows, bounds where there are parameters, and undoes where it is an overlay that is not
// about HTTP or the connection.
func TestEveryFaultIsTested(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{}
	for _, file := range files {
		maps.Copy(tests, calls(t, file, nil))
	}
	goldens := map[string]bool{}
	for _, info := range fault.All() {
		goldens[goldenPath(info.Name)] = true
		if _, err := os.Stat(goldenPath(info.Name)); err != nil && !*rig.Update {
			t.Errorf("%s has no golden: %v", info.Name, err)
		}
		for _, problem := range untested(info, tests) {
			t.Error(problem)
		}
	}
	kept, err := filepath.Glob(goldenPath("*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept {
		if !goldens[file] {
			t.Errorf("%s is the golden of no fault", file)
		}
	}
}

// untested says what the tests of a fault do not call.
func untested(info fakeprovider.Info, tests map[string][]string) (problems []string) {
	typ := reflect.TypeOf(info.Default)
	want := []string{"shows"}
	if typ.NumField() > 0 {
		want = append(want, "bounds")
	}
	if _, overlay := info.Default.(fakeprovider.Overlay); overlay && (ours(info) || len(info.IDs) == 0) {
		want = append(want, "undoes")
	}
	for _, call := range want {
		if !slices.Contains(tests["Test"+typ.Name()], call+" "+typ.Name()) {
			problems = append(problems,
				fmt.Sprintf("%s: no Test%s calls %s(t, %s{}, …)", info.Name, typ.Name(), call, typ.Name()))
		}
	}
	return problems
}

// calls returns the calls of a file by the function in which they stand, each as the function
// called and the type of its second argument: "shows BOM".
func calls(t *testing.T, file string, src any) map[string][]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 {
				if lit, ok := call.Args[1].(*ast.CompositeLit); ok {
					found[f.Name.Name] = append(found[f.Name.Name], nameIn(call.Fun)+" "+nameIn(lit.Type))
				}
			}
			return true
		})
	}
	return found
}

// nameIn returns the last name of an expression: shows of asking{}.shows.
func nameIn(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	default:
		return ""
	}
}

// TestUntestedFaultsAreFound wants TestEveryFaultIsTested to find what is missing.
func TestUntestedFaultsAreFound(t *testing.T) {
	t.Parallel()
	bom, comment := fault.BOM{}.Info(), fault.CommentOnly{}.Info()
	for src, want := range map[string]int{
		"": 2,
		"func TestBOM(t *testing.T) { shows(t, fault.BOM{}, `x`); undoes(t, fault.BOM{}, same) }":  0,
		"func TestBOM(t *testing.T) { shows(t, fault.BOM{}, `x`) }":                                1,
		"func TestBOM(t *testing.T) { shows(t, fault.CRLF{}, `x`); undoes(t, fault.BOM{}, same) }": 1,
		"func TestX(t *testing.T) { shows(t, fault.BOM{}, `x`); undoes(t, fault.BOM{}, same) }":    2,
	} {
		if got := untested(bom, calls(t, "x_test.go", "package p\n\n"+src)); len(got) != want {
			t.Errorf("%s: got %q, want %d problems", src, got, want)
		}
	}
	src := "package p\n\nfunc TestCommentOnly(t *testing.T) { asking{}.shows(t, fault.CommentOnly{}, `x`) }"
	if got := untested(comment, calls(t, "x_test.go", src)); len(got) != 1 || !strings.Contains(got[0], "bounds") {
		t.Errorf("got %q, want that bounds is not called", got)
	}
}

// TestFaultsDiffer wants no two faults that a raw client cannot tell apart. That the goldens are
// what it sees, each fault's own test checks.
func TestFaultsDiffer(t *testing.T) {
	t.Parallel()
	if *rig.Update {
		t.Skip("the goldens are being written")
	}
	seen := map[string]string{}
	for _, info := range fault.All() {
		golden, err := os.ReadFile(goldenPath(info.Name))
		if err != nil {
			t.Fatal(err)
		}
		if other, known := seen[string(golden)]; known {
			t.Errorf("%s and %s look the same", info.Name, other)
		}
		seen[string(golden)] = info.Name
	}
}

// TestTheTaxonomyIsWhole wants a fault for every row.
func TestTheTaxonomyIsWhole(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for letter, rows := range map[string]int{"C": 17, "H": 25, "S": 25, "M": 11} {
		for n := range rows {
			missing[fmt.Sprintf("%s%d", letter, n+1)] = true
		}
	}
	for _, info := range fault.All() {
		for _, id := range info.IDs {
			delete(missing, id)
		}
	}
	for id := range missing {
		t.Errorf("no fault is row %s", id)
	}
}
