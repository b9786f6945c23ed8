package targets

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Defaults of a target file.
const (
	// DefaultProtocol is the protocol of an engine whose file names none.
	DefaultProtocol = "openai-chat"
	// DefaultReadyWithin is the longest start of a gateway, in real time.
	DefaultReadyWithin = time.Minute
)

// mostNamed is the size of the largest file that a target file may name.
const mostNamed = 64 << 20

// Load reads a target file and fills in the defaults. Paths in it are relative to its folder, and
// the files that it names must exist. The error is a strictyaml.Problems: every problem in the
// file, with line, column and caret.
func Load(words *scenarios.Vocabulary, file string, data []byte) (*Target, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	return load(words, file, data, folder{path: dir, read: func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return readfile.Whole(name, mostNamed)
	}})
}

// A folder reads the files that a target file names.
type folder struct {
	path string
	read func(name string) ([]byte, error)
}

func load(words *scenarios.Vocabulary, file string, data []byte, files folder) (*Target, error) {
	doc, err := strictyaml.ParseFor(words, file, data)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	_, _ = sum.Write(data) // a hash never fails
	read := files.read
	files.read = func(name string) ([]byte, error) {
		content, err := read(name)
		_, _ = sum.Write(content)
		return content, err
	}
	t := &Target{File: file, Dir: files.path}
	root := doc.Root()
	root.Decode(t)
	if root.Kind() == strictyaml.Mapping {
		t.setDefaults()
		check(t, root, words, files)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	t.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return t, nil
}

func (t *Target) setDefaults() {
	if len(t.Protocols) == 0 {
		t.Protocols = []string{DefaultProtocol}
	}
	if t.Call.Protocol == "" {
		t.Call.Protocol = t.Protocols[0]
	}
	if t.Kind == Gateway {
		t.Call.Model = cmp.Or(t.Call.Model, "{{upstream.1.model}}")
		t.Call.Key = cmp.Or(t.Call.Key, "{{upstream.1.key}}")
	}
	if t.Start != nil && t.Start.Ready != nil && t.Start.Ready.Within == 0 {
		t.Start.Ready.Within = DefaultReadyWithin
	}
}

// kinds returns the kinds of engines.
func kinds() []string { return []string{string(Gateway), string(Worker), string(Command)} }

// A checker reports the problems of a target at the nodes of its file.
type checker struct {
	t     *Target
	root  *strictyaml.Node
	words *scenarios.Vocabulary
	files folder
}

func check(t *Target, root *strictyaml.Node, words *scenarios.Vocabulary, files folder) {
	c := checker{t: t, root: root, words: words, files: files}
	c.name()
	c.protocols()
	c.version()
	c.install()
	c.kind()
	c.startFiles()
	c.calls()
	c.upstreams()
	c.limits()
	c.advice()
	c.betweenRuns()
	c.templates()
	c.variants()
	c.reach()
	c.family()
}

// at returns the node at a path of keys and true, or its nearest ancestor and false.
func (c checker) at(path ...string) (*strictyaml.Node, bool) {
	n := c.root
	for _, key := range path {
		f, ok := n.Field(key)
		if !ok {
			return n, false
		}
		n = f.Value
	}
	return n, true
}

// key returns the node of a key, or of the nearest key above it.
func (c checker) key(path ...string) *strictyaml.Node {
	n, at := c.root, c.root
	for _, key := range path {
		f, ok := n.Field(key)
		if !ok {
			return at
		}
		n, at = f.Value, f.Key
	}
	return at
}

// has reports whether a key is in the file.
func (c checker) has(path ...string) bool {
	_, ok := c.at(path...)
	return ok
}

// oneOf checks the word at a path, if there is one.
func (c checker) oneOf(what string, known []string, path ...string) {
	if n, ok := c.at(path...); ok && !n.Reported() {
		n.OneOf(what, known)
	}
}

// items returns the nodes of a list with nothing wrong so far.
func items(n *strictyaml.Node) []*strictyaml.Node {
	if n.Kind() != strictyaml.Sequence {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Items()), (*strictyaml.Node).Reported)
}

// fields returns the entries of a mapping with nothing wrong so far.
func fields(n *strictyaml.Node) []strictyaml.Field {
	if n.Kind() != strictyaml.Mapping {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Fields()), func(f strictyaml.Field) bool { return f.Value.Reported() })
}
