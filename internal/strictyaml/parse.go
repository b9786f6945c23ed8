package strictyaml

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// MaxSize is the size of the largest file that Parse reads, in bytes.
	MaxSize = 1 << 20
	// MaxTokens is how many words and signs a file may have. The parser below takes time that grows
	// with the square of them: for this many well under a second.
	MaxTokens = 20_000
	// MaxDepth is how deeply lists and mappings may be nested. It is checked before parsing,
	// because the parser recurses, and a stack overflow cannot be recovered.
	MaxDepth = 64
)

// A Document is a parsed file and the problems reported in it so far. It is not safe for concurrent
// use.
type Document struct {
	src     *source
	root    *Node
	context any
}

// Root returns the document's only node that no other contains. Of an empty file it is a Null.
func (d *Document) Root() *Node { return d.root }

// Err returns nil, or Problems with everything reported so far, in order of position.
func (d *Document) Err() error { return d.src.err() }

// Parse reads one YAML document. file is its name in problems. The error is [Problems], without a
// document. A duplicate key is found here but reported by [Document.Err], so that the rest of the
// file is checked as well.
func Parse(file string, data []byte) (*Document, error) { return ParseFor(nil, file, data) }

// ParseFor is Parse with a value that every Decoder finds in Node.Context: what the words of the
// file may name, for instance.
func ParseFor(context any, file string, data []byte) (*Document, error) {
	text, src := normalise(file, data)
	if err := src.err(); err != nil {
		return nil, err
	}
	body := parseAST(src, text)
	if err := src.err(); err != nil {
		return nil, err
	}
	doc := &Document{src: src, context: context}
	doc.root = build(doc, nil, body, 1, 1)
	return doc, nil
}

// normalise checks what can be checked of bytes: size, UTF-8, characters that no text has, tabs
// that indent. It returns the text with `\n` at the end of lines and without a byte order mark.
func normalise(file string, data []byte) (string, *source) {
	if len(data) > MaxSize {
		src := newSource(file, "")
		src.add(1, 1, fmt.Sprintf("the file is larger than %d bytes", MaxSize), "")
		return "", src
	}
	text := strings.TrimPrefix(string(data), "\uFEFF")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	src := newSource(file, text)
	for i, line := range src.lines {
		checkLine(src, i+1, line)
	}
	return text, src
}

func checkLine(src *source, n int, line string) {
	indent, column := strings.TrimLeft(line, " "), 1
	if strings.HasPrefix(indent, "\t") && strings.TrimSpace(indent) != "" {
		src.add(n, len(line)-len(indent)+1, "a tab indents this line: YAML is indented with spaces", "")
	}
	for i, r := range line {
		if r == utf8.RuneError && !strings.HasPrefix(line[i:], "\uFFFD") {
			src.add(n, column, fmt.Sprintf("byte 0x%02x is not UTF-8", line[i]), "")
			return
		}
		if r != '\t' && printable(r) != r && r != 0x85 {
			src.add(n, column, fmt.Sprintf("character %U is not allowed in a text", r), "")
			return
		}
		column++
	}
}

// parseAST runs the YAML library and reports its errors. The library has panicked on malformed
// input, so a panic counts as a syntax error.
func parseAST(src *source, text string) (body ast.Node) {
	defer func() {
		if recover() != nil {
			src.add(1, 1, "not valid YAML", "")
			body = nil
		}
	}()
	tokens := lexer.Tokenize(text)
	checkTokens(src, tokens)
	if src.problems != nil {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		reportSyntax(src, err)
		return nil
	}
	for _, d := range file.Docs {
		if d.Body != nil {
			if body != nil {
				line, column := position(d.Body)
				src.add(line, column, oneDocument, "")
				return nil
			}
			body = d.Body
		}
	}
	return body
}

func reportSyntax(src *source, err error) {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		src.add(1, 1, err.Error(), "")
		return
	}
	line, column := tokenPosition(syntax.GetToken())
	src.add(line, column, syntax.GetMessage(), "")
}

const oneDocument = "a second document begins here: one file holds one document"

// refused are the parts of YAML that are left out.
func refused(t *token.Token) string {
	switch t.Type { //nolint:exhaustive // the rest is welcome
	case token.AnchorType:
		return "anchors are not supported: write the value itself"
	case token.AliasType:
		return "aliases are not supported: write the value out (a text that begins with * needs quotes)"
	case token.MergeKeyType:
		return "merge keys are not supported: write the fields out"
	case token.TagType:
		return "tags are not supported (a text that begins with ! needs quotes)"
	case token.DirectiveType:
		return "directives are not supported (a text that begins with % needs quotes)"
	case token.MappingKeyType:
		return "explicit keys are not supported: write `key: value`"
	}
	return ""
}

// checkTokens reports all features outside of the subset, and nesting that is too deep for the
// parser.
func checkTokens(src *source, tokens token.Tokens) {
	var depth nesting
	begun, directive := false, 0
	for i, t := range tokens {
		line, column := tokenPosition(t)
		if i == MaxTokens {
			src.add(line, column,
				fmt.Sprintf("the file has %d words and signs, want at most %d", len(tokens), MaxTokens), "")
			return
		}
		if message := refused(t); message != "" {
			src.add(line, column, message, "")
		}
		switch {
		case t.Type == token.DirectiveType:
			directive = line
		case t.Type == token.DocumentHeaderType && begun:
			src.add(line, column, oneDocument, "")
		case line != directive && t.Type != token.CommentType:
			begun = true
		}
		if depth.step(t) > MaxDepth {
			src.add(line, column, fmt.Sprintf("nested more than %d levels deep", MaxDepth), "")
			return
		}
	}
}

// nesting tracks how deeply the tokens are nested: open flow brackets, and the columns of the
// enclosing block entries and keys.
type nesting struct {
	flow    int
	columns []int
}

func (n *nesting) step(t *token.Token) int {
	switch t.Type { //nolint:exhaustive // the rest does not nest
	case token.SequenceStartType, token.MappingStartType:
		n.flow++
	case token.SequenceEndType, token.MappingEndType:
		n.flow--
	case token.SequenceEntryType:
		n.block(t)
	case token.MappingValueType:
		if t.Prev != nil {
			n.block(t.Prev)
		}
	}
	return n.flow + len(n.columns)
}

func (n *nesting) block(t *token.Token) {
	if n.flow > 0 {
		return
	}
	_, column := tokenPosition(t)
	for len(n.columns) > 0 && n.columns[len(n.columns)-1] > column {
		n.columns = n.columns[:len(n.columns)-1]
	}
	if len(n.columns) == 0 || n.columns[len(n.columns)-1] < column {
		n.columns = append(n.columns, column)
	}
}

func tokenPosition(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}
