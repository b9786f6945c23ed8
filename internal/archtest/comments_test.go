package archtest_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The widest comment line, in columns, and the columns of a tab. Code may be wider: see lll in
// .golangci.yml.
const (
	commentColumns = 100
	tabColumns     = 4
)

// unbreakable matches comments that cannot be wrapped: directives, and an address on its own line.
var unbreakable = regexp.MustCompile(`^//(\w+:\S| \(?https?://\S+$)`)

// TestCommentsFit checks all Go files of the repository, those of modules outside of go.work too.
func TestCommentsFit(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		for _, wide := range wideComments(text) {
			t.Errorf("%s:%s: wrap it at %d columns", path, wide, commentColumns)
		}
		return err
	})
	if err != nil || files < len(rooms()) {
		t.Fatalf("got %d files and %v", files, err)
	}
}

// wideComments returns the comment lines that are too wide, as LINE: COLUMNS columns. A comment
// behind code is not looked at.
func wideComments(text []byte) []string {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	lines := strings.Split(string(text), "\n")
	var wide []string
	output, last := false, 0
	for {
		pos, tok, comment := s.Scan()
		if tok == token.EOF {
			return wide
		}
		at := fset.Position(pos)
		line := lines[at.Line-1]
		if tok != token.COMMENT || strings.TrimSpace(line[:at.Column-1]) != "" || unbreakable.MatchString(comment) {
			continue
		}
		if output = comment == "// Output:" || output && at.Line == last+1; output {
			last = at.Line
			continue // what an example prints
		}
		for i, part := range strings.Split(comment, "\n") {
			if i == 0 {
				part = line
			}
			columns := utf8.RuneCountInString(strings.ReplaceAll(part, "\t", strings.Repeat(" ", tabColumns)))
			if columns > commentColumns {
				wide = append(wide, fmt.Sprintf("%d: %d columns", at.Line+i, columns))
			}
		}
	}
}

func TestWideCommentsAreFound(t *testing.T) {
	fits := strings.Repeat("x", commentColumns-len("// "))
	text := "package p\n\n// " + fits + "\n// " + fits + "x\n\t// " + fits + "\n" +
		"// https://example.com/" + fits + "\n//go:generate " + fits + "\n" +
		"// Output:\n// " + fits + "x\n// " + fits + "x\n\n" +
		"/*\n" + fits + "xxxx\n*/\nvar a = `\n// " + fits + "x\n`\n\nvar b = 1 // " + fits + "\n"
	want := []string{"4: 101 columns", "5: 104 columns", "13: 101 columns"}
	if got := wideComments([]byte(text)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
