package strictyaml

import (
	"math"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// build copies the library's tree into ours; line and column are the position of a node without
// text of its own.
func build(doc *Document, parent *Node, from ast.Node, line, column int) *Node {
	n := &Node{doc: doc, parent: parent, kind: Null, line: line, column: column}
	if from == nil {
		return n
	}
	if from.GetToken() != nil {
		n.line, n.column = position(from)
	}
	switch v := from.(type) {
	case *ast.NullNode:
		n.line, n.column = line, column
	case *ast.BoolNode:
		n.scalar(Bool, v.Token.Value)
		n.boolean = v.Value
	case *ast.IntegerNode:
		n.integer(v)
	case *ast.FloatNode:
		n.scalar(Float, v.Token.Value)
		n.number = v.Value
	case *ast.InfinityNode:
		n.scalar(Float, v.Token.Value)
		n.number = v.Value
	case *ast.NanNode:
		n.scalar(Float, v.Token.Value)
		n.number = math.NaN()
	case *ast.StringNode:
		n.scalar(String, v.Value)
	case *ast.LiteralNode:
		n.scalar(String, v.Value.Value)
		n.line, n.column = tokenPosition(v.Start)
	case *ast.SequenceNode:
		n.kind = Sequence
		for _, item := range v.Values {
			n.items = append(n.items, build(doc, n, item, n.line, n.column))
		}
	case *ast.MappingNode:
		n.mapping(v.Values)
	case *ast.MappingValueNode:
		n.mapping([]*ast.MappingValueNode{v})
	default:
		n.Report("%s is not supported here", from.Type())
	}
	return n
}

func (n *Node) scalar(kind Kind, text string) { n.kind, n.text = kind, text }

func (n *Node) integer(v *ast.IntegerNode) {
	n.scalar(Int, v.Token.Value)
	switch i := v.Value.(type) {
	case int64:
		n.whole, n.number = i, float64(i)
	case uint64:
		n.number = float64(i)
		if n.whole = math.MaxInt64; i > math.MaxInt64 {
			n.kind = Float // a number still, too large for a whole one
		} else {
			n.whole = int64(i)
		}
	default:
		n.scalar(String, v.Token.Value)
	}
}

func (n *Node) mapping(values []*ast.MappingValueNode) {
	n.kind = Mapping
	if len(values) > 0 {
		n.line, n.column = position(values[0].Key)
	}
	seen := make(map[string]int, len(values))
	for _, v := range values {
		line, column := position(v.Key)
		key := build(n.doc, n, v.Key, line, column)
		value := build(n.doc, n, v.Value, line, column)
		switch key.kind { //nolint:exhaustive // scalars are keys
		case Sequence, Mapping:
			key.Report("a key must be a word, not %s", key.kind)
			continue
		case Null:
			key.text = v.Key.GetToken().Value
		}
		name := key.text
		if first, twice := seen[name]; twice {
			key.Report("%s is a duplicate of the key in line %d", strconv.Quote(name), first)
			continue
		}
		seen[name] = key.line
		n.fields = append(n.fields, Field{Name: name, Key: key, Value: value})
	}
}

// position is where a node's text begins: of a mapping the first key, of a list the bracket or the
// first dash.
func position(n ast.Node) (line, column int) {
	switch v := n.(type) {
	case *ast.MappingValueNode:
		return position(v.Key)
	case *ast.MappingNode:
		if len(v.Values) > 0 {
			return position(v.Values[0])
		}
		return tokenPosition(v.Start)
	case *ast.SequenceNode:
		return tokenPosition(v.Start)
	}
	return tokenPosition(n.GetToken())
}
