package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	m.Run()
}

// shop is a room whose tests are strong on price, weak on free, and never reach idle.
var shop = map[string]string{
	"go.mod": "module shop\n\ngo 1.26.0\n",
	"shop/shop.go": `package shop

// Price takes a tenth off from ten pieces on.
func Price(pieces, each int) int {
	if pieces >= 10 {
		return pieces * each * 9 / 10
	}
	return pieces * each
}

// Free is for orders of fifty and more.
func Free(order int) bool { return order > 49 }

// Halves counts how often n can be halved.
func Halves(n int) int {
	times := 0
	for n > 1 {
		n = n / 2
		times++
	}
	return times
}

// Nth panics unless there are so many.
func Nth(all []int, n int) int { return all[n-1] }

// Idle is asked for by no test.
func Idle(a, b bool) bool { return a && b }
`,
	"shop/shop_test.go": `package shop

import "testing"

func TestPrice(t *testing.T) {
	for pieces, want := range map[int]int{0: 0, 1: 10, 9: 90, 10: 90, 20: 180} {
		if got := Price(pieces, 10); got != want {
			t.Errorf("%d: got %d, want %d", pieces, got, want)
		}
	}
}

func TestFree(t *testing.T) {
	if !Free(1000) || Free(0) {
		t.Error("not free")
	}
}

func TestHalves(t *testing.T) {
	if got := Halves(8); got != 3 {
		t.Errorf("got %d", got)
	}
}

func TestNth(t *testing.T) {
	if got := Nth([]int{7, 8}, 2); got != 8 {
		t.Errorf("got %d", got)
	}
}
`,
}

// write writes files below a new folder, and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTeeth tells apart what a test notices, what makes the code hang or panic, what the tests
// overlook and what none reaches.
func TestTeeth(t *testing.T) {
	t.Setenv("GOWORK", "off")
	o := options{root: write(t, shop), rooms: []room{{dir: "shop", files: "*.go"}}, workers: 4, floor: 1}
	var out, progress bytes.Buffer
	if err := try(t.Context(), o, nil, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.Bytes())
	}
	got := out.String()
	for _, want := range []string{
		"survived: shop/shop.go:12: boundary in Free: order > 49 => order >= 49",
		"survived: shop/shop.go:12: number in Free: 49 => 50",
		"not reached: shop/shop.go:28: logic in Idle: a && b => a || b",
		"not reached: shop/shop.go:28: half in Idle: a && b => b",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("nothing is said of %q", want)
		}
	}
	for _, known := range []string{"Price", "Nth"} {
		if strings.Contains(got, " in "+known+": ") {
			t.Errorf("a mutant of %s survives, whose test is strong", known)
		}
	}
	for _, none := range []string{"by a test that failed, 0 by a panic", " 0 by a hang"} {
		if strings.Contains(got, none) {
			t.Errorf("the kinds of fates are not told apart: %s", none)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
	// Two fifths survive: the floor is seen.
	o.floor = 99
	if err := try(t.Context(), o, nil, &out, &progress); err == nil ||
		!strings.Contains(err.Error(), "fewer than 99 %") {
		t.Errorf("got %v, want an error of the floor", err)
	}
}

// TestLeast allows a sample what chance may do, and a whole run nothing.
func TestLeast(t *testing.T) {
	for _, tt := range []struct {
		sample int
		t      tally
		want   float64
	}{
		{0, tally{made: 100}, 85},
		{100, tally{made: 100}, 77.9},
		{400, tally{made: 401, equivalent: 1}, 81.4},
		{100, tally{}, 85},
	} {
		if got := (options{sample: tt.sample, floor: 85}).least(tt.t); math.Abs(got-tt.want) > 0.05 {
			t.Errorf("%+v: got %.2f", tt, got)
		}
	}
}

// TestEquivalent counts a survivor that changes nothing for neither side, and refuses an entry of a
// mutant that is killed.
func TestEquivalent(t *testing.T) {
	t.Setenv("GOWORK", "off")
	o := options{
		root: write(t, shop), rooms: []room{{dir: "shop", files: "*.go"}}, workers: 4, floor: 100, only: "boundary",
	}
	var out, progress bytes.Buffer
	list := []entry{{key: "shop/shop.go Free boundary: order > 49 => order >= 49", reason: "49 is not sold"}}
	list = append(list, entry{
		key: "shop/shop.go Price boundary: pieces >= 10 => pieces > 10", reason: "wrong", line: 7,
	})
	err := try(t.Context(), o, list, &out, &progress)
	if err == nil || !strings.Contains(err.Error(), "a test kills it, remove the entry: shop/shop.go Price") {
		t.Errorf("got %v, want the entry of Price refused", err)
	}
	if strings.Contains(out.String(), "survived: ") || !strings.Contains(out.String(), "100.0 %") {
		t.Errorf("got a survivor:\n%s", out.String())
	}
	list[1].key = "shop/shop.go Price boundary: pieces >= 12 => pieces > 12"
	err = try(t.Context(), o, list, &out, &progress)
	if err == nil || !strings.Contains(err.Error(), "equivalent.txt:7: no mutant is called so any more") {
		t.Errorf("got %v, want line 7 refused", err)
	}
}

// TestBrokenRoom refuses a room whose tests fail by themselves.
func TestBrokenRoom(t *testing.T) {
	t.Setenv("GOWORK", "off")
	files := map[string]string{"go.mod": shop["go.mod"], "shop/shop.go": shop["shop/shop.go"]}
	files["shop/shop_test.go"] = strings.ReplaceAll(shop["shop/shop_test.go"], "want := range map[int]int{0: 0",
		"want := range map[int]int{0: 7")
	o := options{root: write(t, files), rooms: []room{{dir: "shop", files: "*.go"}}, workers: 4, only: "boundary"}
	err := try(t.Context(), o, nil, &bytes.Buffer{}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "shop fails without any mutant") ||
		!strings.Contains(err.Error(), "TestPrice") {
		t.Errorf("got %v, want TestPrice refused", err)
	}
}

func TestParseEquivalent(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a reason", "a/b.go F boundary: x => y\n\tbecause\n\tof that\n", ""},
		{"none", "# nothing\n\na/b.go F boundary: x => y\n", "equivalent.txt:3: say why"},
		{"twice", "a/b.go F x\n\tr\na/b.go F x\n\tr\n", "equivalent.txt:3: the same as line 1"},
		{"of nothing", "\n  because\n", "equivalent.txt:2: a reason of nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, errs := parseEquivalent([]byte(tt.text))
			if tt.want == "" {
				if len(errs) > 0 || len(all) != 1 || all[0].reason != "because of that" {
					t.Errorf("got %v, %v", all, errs)
				}
				return
			}
			if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), tt.want) {
				t.Errorf("got %v, want %q", errs, tt.want)
			}
		})
	}
}

// TestRooms looks at the real rooms: all of their code can be mutated, a sample is the same for the
// same seed, and each entry of the list is a mutant.
func TestRooms(t *testing.T) {
	if os.Getenv("GOWORK") == "off" {
		t.Skip("without go.work this module is alone, and one of the rooms is in another")
	}
	o := options{root: filepath.Join("..", ".."), rooms: rooms(), sample: 100, seed: 7, list: true}
	list, errs := parseEquivalent(equivalentList)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var first, second, all bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := try(t.Context(), o, list, out, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(first.String(), "\n"); first.String() != second.String() || n != 100 {
		t.Errorf("got samples of %d and %d lines, want the same 100", n, strings.Count(second.String(), "\n"))
	}
	o.sample = 0
	if err := try(t.Context(), o, list, &all, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(all.String(), "\n"); n < 300 {
		t.Errorf("got %d mutants, want 300 at least", n)
	}
	for _, op := range operators() {
		if !strings.Contains(all.String(), " "+op.name+": ") && !strings.Contains(all.String(), " "+op.name+" #") {
			t.Errorf("the operator %s finds nothing to change", op.name)
		}
	}
}
