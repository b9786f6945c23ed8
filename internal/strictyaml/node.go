package strictyaml

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Kind is what a node holds.
type Kind uint8

const (
	// Null is nothing: an empty value, `null` or `~`.
	Null Kind = iota + 1
	// Bool is true or false.
	Bool
	// Int is a whole number.
	Int
	// Float is a number with a fraction, or one that is too large for an Int.
	Float
	// String is a text, quoted or not.
	String
	// Sequence is a list.
	Sequence
	// Mapping is keys with values.
	Mapping
)

// String names the kind in a reader's words, with an article: "a list".
func (k Kind) String() string {
	switch k {
	case Null:
		return "nothing"
	case Bool:
		return "true or false"
	case Int:
		return "a whole number"
	case Float:
		return "a number"
	case String:
		return "a text"
	case Sequence:
		return "a list"
	case Mapping:
		return "a mapping"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// A Node is a value in a document. Methods that read a value report a problem at the node when it
// holds something else, and return false.
type Node struct {
	doc          *Document
	parent       *Node
	reported     bool // at this node or below it
	kind         Kind
	line, column int
	text         string
	boolean      bool
	whole        int64
	number       float64
	fields       []Field
	items        []*Node
}

// A Field is one entry of a mapping.
type Field struct {
	Name string
	// Key is the node of the name, Value that of its value; neither is nil.
	Key, Value *Node
}

// Kind returns what the node holds.
func (n *Node) Kind() Kind { return n.kind }

// Context returns the value that ParseFor was given, nil after Parse.
func (n *Node) Context() any { return n.doc.context }

// Line and Column return where the node begins, both from 1. An empty value is at its key.
func (n *Node) Line() int { return n.line }

// Column counts characters, from 1.
func (n *Node) Column() int { return n.column }

// Report adds a problem at the node; the message is lower case, without a full stop.
func (n *Node) Report(format string, args ...any) {
	n.add(fmt.Sprintf(format, args...), "")
}

// ReportHint adds a problem at the node together with what was probably meant.
func (n *Node) ReportHint(meant, format string, args ...any) {
	n.add(fmt.Sprintf(format, args...), meant)
}

// ReportUnknown adds the problem that word is unknown: `unknown fault "heartbeat-olny"`, with the
// nearest known word. If none is near, it lists all known words, if they are few.
func (n *Node) ReportUnknown(what, word string, known []string) {
	message := fmt.Sprintf("unknown %s %q", what, word)
	near := n.Suggest(word, known)
	if near == "" && len(known) > 0 && len(known) <= maxListed {
		message += ": there is " + strings.Join(known, ", ")
	}
	n.add(message, near)
}

func (n *Node) add(message, meant string) {
	n.doc.src.add(n.line, n.column, message, meant)
	for at := n; at != nil && !at.reported; at = at.parent {
		at.reported = true
	}
}

// Reported reports whether a problem was reported at the node or inside it, so that later checks
// can skip it.
func (n *Node) Reported() bool { return n.reported }

// Empty returns an empty node at the same position: the arguments of a word without arguments.
func (n *Node) Empty() *Node {
	return &Node{doc: n.doc, parent: n, kind: Null, line: n.line, column: n.column}
}

// At returns an empty node at the position of part of the node's text, so that a problem can point
// into a long text. If the file writes the text in another way, the position is the node's.
func (n *Node) At(part string) *Node {
	at := n.Empty()
	for i := n.line; i <= min(n.line+maxLines, len(n.doc.src.lines)); i++ {
		line, from := []rune(n.doc.src.lines[i-1]), 0
		if i == n.line {
			from = min(n.column-1, len(line))
		}
		if before, _, found := strings.Cut(string(line[from:]), part); found {
			at.line, at.column = i, from+len([]rune(before))+1
			break
		}
	}
	return at
}

// maxLines is how many lines of a text At looks at.
const maxLines = 500

// maxListed is how many known words a message lists.
const maxListed = 24

// Suggest returns the known word nearest to word by edit distance, or an empty string where none is
// near.
func (n *Node) Suggest(word string, known []string) string { return Nearest(word, known) }

// expected reports that the node holds something else.
func (n *Node) expected(what string) {
	if n.kind == Null {
		n.Report("expected %s, and there is nothing", what)
		return
	}
	if n.kind == Sequence || n.kind == Mapping {
		n.Report("expected %s, not %s", what, n.kind)
		return
	}
	n.Report("expected %s, not %q", what, n.text)
}

// Fields returns a mapping's entries in their order, each name once. It reports what is not a
// mapping.
func (n *Node) Fields() []Field {
	if n.kind != Mapping {
		n.expected("a mapping")
	}
	return n.fields
}

// Field returns a mapping's entry of that name. It reports nothing.
func (n *Node) Field(name string) (Field, bool) {
	for _, f := range n.fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Take removes a mapping's entry of that name and returns it, so that a later Decode does not see
// it. A mapping without other entries becomes empty. It reports no problem.
func (n *Node) Take(name string) (Field, bool) {
	i := slices.IndexFunc(n.fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	taken := n.fields[i]
	n.fields = slices.Delete(n.fields, i, i+1)
	if len(n.fields) == 0 {
		n.kind = Null
	}
	return taken, true
}

// FieldNode returns the value of the entry of that name, or n itself if there is none, so that
// there is always a node to report a problem at.
func (n *Node) FieldNode(name string) *Node {
	if f, ok := n.Field(name); ok {
		return f.Value
	}
	return n
}

// Items returns a list's nodes. It reports what is not a list.
func (n *Node) Items() []*Node {
	if n.kind != Sequence {
		n.expected("a list")
	}
	return n.items
}

// String returns a text. Numbers, true and false are texts too, as they are written.
func (n *Node) String() (string, bool) {
	switch n.kind { //nolint:exhaustive // the rest is no text
	case String, Int, Float, Bool:
		return n.text, true
	}
	n.expected("a text")
	return "", false
}

// Int returns a whole number.
func (n *Node) Int() (int, bool) {
	if n.kind != Int || int64(int(n.whole)) != n.whole {
		n.expected("a whole number")
		return 0, false
	}
	return int(n.whole), true
}

// Float returns a finite number.
func (n *Node) Float() (float64, bool) {
	if (n.kind != Float && n.kind != Int) || math.IsInf(n.number, 0) || math.IsNaN(n.number) {
		n.expected("a number")
		return 0, false
	}
	return n.number, true
}

// Bool returns true or false.
func (n *Node) Bool() (value, ok bool) {
	if n.kind != Bool {
		n.expected("true or false")
		return false, false
	}
	return n.boolean, true
}

// Duration returns a duration written in Go's words, "45s" or "5m1s"; anything else is reported
// with the way to write it.
func (n *Node) Duration() (time.Duration, bool) {
	switch n.kind { //nolint:exhaustive // the rest is no text
	case String, Int, Float:
	default:
		n.expected(`a duration like "10s"`)
		return 0, false
	}
	d, err := parseDuration(n.text)
	if err != nil {
		n.Report("%v", err)
		return 0, false
	}
	return d, true
}

// OneOf returns a text that is one of the known ones. what names them in the problem: "protocol".
func (n *Node) OneOf(what string, known []string) (string, bool) {
	word, ok := n.String()
	if !ok {
		return "", false
	}
	if !slices.Contains(known, word) {
		n.ReportUnknown(what, word, known)
		return "", false
	}
	return word, true
}
