package strictyaml_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// read parses and decodes a file and returns all that is wrong with it.
func read(file string, data []byte) error {
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return err
	}
	var v outer
	doc.Root().Decode(&v)
	return doc.Err()
}

// TestGoldens compares all that is said about each testdata/*.yaml with the file beside it.
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := "no problems\n"
			if err := read(filepath.Base(file), data); err != nil {
				got = err.Error() + "\n"
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".err"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestRefused holds what an editor would not show, so that it stands here rather than in a file.
func TestRefused(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"not UTF-8":         {"text: a\xffb\n", "f:1:8: byte 0xff is not UTF-8"},
		"control character": {"a: 1\ntext: a\x00b\n", "f:2:8: character U+0000 is not allowed in a text"},
		"tab":               {"inner:\n\tname: x\n", "f:2:1: a tab indents this line: YAML is indented with spaces"},
		"tab after spaces":  {"inner:\n  \tname: x\n", "f:2:3: a tab indents this line: YAML is indented with spaces"},
		"too large": {
			strings.Repeat("#", strictyaml.MaxSize+1), "f:1:1: the file is larger than 1048576 bytes",
		},
		"too many words": {
			strings.Repeat("- a\n", strictyaml.MaxTokens),
			"f:10001:1: the file has 40000 words and signs, want at most 20000",
		},
		"deep in brackets":   {strings.Repeat("[", 100000), "f:1:65: nested more than 64 levels deep"},
		"deep in dashes":     {strings.Repeat("- ", 100000), "f:1:129: nested more than 64 levels deep"},
		"a problem per line": {strings.Repeat("text: &a\n", 300), "and 200 more problems"},
	} {
		t.Run(name, func(t *testing.T) {
			err := read("f", []byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestLineEndingsAndByteOrderMark(t *testing.T) {
	want := "f:2:9: expected a number, not \"x\"\n    factor: x\n            ^"
	for _, text := range []string{"text: a\nfactor: x\n", "text: a\r\nfactor: x\r\n", "\uFEFFtext: a\rfactor: x"} {
		if err := read("f", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# a comment\n", "---\n"} {
		doc := parse(t, text)
		if doc.Root().Kind() != strictyaml.Null || doc.Err() != nil {
			t.Errorf("%q: %v, %v", text, doc.Root().Kind(), doc.Err())
		}
	}
}

// TestHostileFilesEnd guards against work that grows with the square of a file's size: the files
// are as large as files may be, and the time allowed is many times what they take.
func TestHostileFilesEnd(t *testing.T) {
	for _, piece := range []string{"[", "- ", "a: b\n", "\"", "'x' ", "|\n"} {
		endsSoon(t, piece, strictyaml.MaxSize)
	}
	for _, piece := range []string{
		"[", "- ", "{a: ", "a: b\n", "\"", "a\n", "- - a: [\n", "a: {b: c}\n", "|\n", "'x' ", "? ", "x",
		"- x\n", "{", "}", ":", ",", "&a", "a:\n", "[],",
	} {
		endsSoon(t, piece, strictyaml.MaxTokens)
	}
}

func endsSoon(t *testing.T, piece string, size int) {
	t.Helper()
	start := time.Now()
	err := read("f", []byte(strings.Repeat(piece, size/len(piece))))
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("%q took %v", piece, took)
	}
	if err == nil {
		t.Errorf("%q is no good file", piece)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := read("f", data)
		if err == nil {
			return
		}
		var problems strictyaml.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("not problems: %v", err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.File != "f" {
				t.Errorf("a problem without a place or a message: %+v", p)
			}
		}
	})
}
