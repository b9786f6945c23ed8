package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// inList reports whether a node is one of the statements of a block or a clause, where it can be
// left out.
func (k *collector) inList(n ast.Node) bool {
	var list []ast.Stmt
	switch p := k.parent(1).(type) {
	case *ast.BlockStmt:
		list = p.List
	case *ast.CaseClause:
		list = p.Body
	case *ast.CommClause:
		list = p.Body
	}
	s, ok := n.(ast.Stmt)
	return ok && slices.Contains(list, s)
}

// results returns the results of the function around the current node, nil if it has none.
func (k *collector) results() *ast.FieldList {
	for _, n := range slices.Backward(k.stack) {
		switch f := n.(type) {
		case *ast.FuncDecl:
			return f.Type.Results
		case *ast.FuncLit:
			return f.Type.Results
		}
	}
	return nil
}

// last reports whether nothing comes after a statement: in its function, or in a round of its loop.
func (k *collector) last(n ast.Node, inLoop bool) bool {
	child := n
	for _, around := range slices.Backward(k.stack) {
		var list []ast.Stmt
		switch p := around.(type) {
		case *ast.BlockStmt:
			list = p.List
		case *ast.CaseClause:
			list = p.Body
		case *ast.CommClause:
			list = p.Body
		case *ast.ForStmt, *ast.RangeStmt:
			return inLoop
		case *ast.FuncDecl, *ast.FuncLit:
			return true
		}
		isClause := false
		switch child.(type) {
		case *ast.CaseClause, *ast.CommClause:
			isClause = true
		}
		if len(list) > 0 && !isClause && list[len(list)-1] != child {
			return false
		}
		child = around
	}
	return true
}

// needed reports whether the compiler wants the statement, so that a function with results ends in
// a return.
func (k *collector) needed(n ast.Node) bool {
	return k.results() != nil && k.last(n, false)
}

func assignment(k *collector, n ast.Node) []change {
	if !k.inList(n) {
		return nil
	}
	switch s := n.(type) {
	case *ast.IncDecStmt:
		to := k.text(s.X) + "--"
		if s.Tok == token.DEC {
			to = k.text(s.X) + "++"
		}
		return []change{{form: statement, node: s}, {form: statement, node: s, to: to}}
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE || len(s.Lhs) == 1 && k.text(s.Lhs[0]) == "_" {
			return nil
		}
		all := []change{{form: statement, node: s}}
		swap := map[token.Token]string{
			token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+=", token.MUL_ASSIGN: "/=", token.QUO_ASSIGN: "*=",
		}
		if swap[s.Tok] != "" && !isString(k.typeOf(s.Lhs[0])) {
			all = append(all, change{
				form: statement, node: s, to: k.text(s.Lhs[0]) + " " + swap[s.Tok] + " " + k.text(s.Rhs[0]),
			})
		}
		return all
	}
	return nil
}

func call(k *collector, n ast.Node) []change {
	switch n.(type) {
	case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt:
		if k.inList(n) && !k.needed(n) {
			return []change{{form: statement, node: n}}
		}
	}
	return nil
}

func exit(k *collector, n ast.Node) []change {
	switch s := n.(type) {
	case *ast.ReturnStmt:
		if k.results() == nil && k.last(n, false) {
			return nil // it is the end anyway
		}
	case *ast.BranchStmt:
		if s.Tok == token.FALLTHROUGH || s.Tok == token.GOTO ||
			s.Tok == token.CONTINUE && s.Label == nil && k.last(n, true) {
			return nil
		}
	default:
		return nil
	}
	if !k.inList(n) || k.needed(n) {
		return nil
	}
	return []change{{form: statement, node: n}}
}

func clause(k *collector, n ast.Node) []change {
	var list []ast.Stmt
	switch c := n.(type) {
	case *ast.CaseClause:
		list = c.Body
	case *ast.CommClause:
		list = c.Body
	}
	if len(list) == 0 {
		return nil
	}
	end := list[len(list)-1]
	switch s := end.(type) {
	case *ast.BranchStmt:
		if s.Tok == token.FALLTHROUGH {
			return nil
		}
	case *ast.ReturnStmt:
		if len(list) == 1 && k.parentIsOpen() { // the operator exit leaves it out
			return nil
		}
	}
	if k.neededIn(end, n) {
		return nil
	}
	text := string(k.src[k.offset(n.Pos()):k.offset(end.End())])
	return []change{{form: body, node: n, first: list[0].Pos(), last: end.End(), from: text, to: head(text)}}
}

// head returns the first line of a clause.
func head(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// parentIsOpen reports whether something comes after the switch of the current clause.
func (k *collector) parentIsOpen() bool {
	s := k.parent(2)
	return s == nil || !k.lastAbove(s)
}

// lastAbove is last for a node on the stack.
func (k *collector) lastAbove(n ast.Node) bool {
	for i, at := range k.stack {
		if at == n {
			above := *k
			above.stack = k.stack[:i]
			return above.last(n, false)
		}
	}
	return false
}

// neededIn is needed for a statement of the current clause.
func (k *collector) neededIn(s ast.Stmt, c ast.Node) bool {
	below := *k
	below.stack = append(append([]ast.Node{}, k.stack...), c)
	return below.needed(s)
}

func loops(k *collector, n ast.Node) []change {
	var block *ast.BlockStmt
	switch s := n.(type) {
	case *ast.ForStmt:
		if block = s.Body; s.Cond == nil && k.needed(n) {
			return nil
		}
	case *ast.RangeStmt:
		block = s.Body
	default:
		return nil
	}
	if len(block.List) == 0 {
		return nil
	}
	text := string(k.src[k.offset(n.Pos()):k.offset(block.Lbrace)])
	return []change{
		{form: loop, node: n, first: block.Lbrace + 1, last: block.Lbrace + 1, from: text, to: text + "{ break }"},
	}
}

func results(k *collector, n ast.Node) []change {
	s, ok := n.(*ast.ReturnStmt)
	if !ok || len(s.Results) == 0 {
		return nil
	}
	var wanted []types.Type
	for _, f := range k.results().List {
		for range max(1, len(f.Names)) {
			wanted = append(wanted, k.code.info.Types[f.Type].Type)
		}
	}
	if len(wanted) != len(s.Results) {
		return nil // the results of one call
	}
	var all []change
	for i, e := range s.Results {
		zero := k.zero(wanted[i], e)
		if zero == "" || zero == k.text(e) {
			continue
		}
		parts := make([]string, len(s.Results))
		for j, other := range s.Results {
			parts[j] = k.text(other)
		}
		parts[i] = zero
		all = append(all, change{form: statement, node: s, to: "return " + strings.Join(parts, ", ")})
	}
	return all
}

// zero returns what takes the place of a result, "" if other operators change it.
func (k *collector) zero(t types.Type, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return ""
		}
	case *ast.BinaryExpr:
		if isBool(t) {
			return ""
		}
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return ""
		}
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return ""
		}
	case *ast.CompositeLit:
		if len(e.Elts) == 0 {
			return ""
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "!(" + k.text(e) + ")"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		case u.Info()&types.IsString != 0:
			return `""`
		}
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
		return "nil"
	case *types.Interface:
		if _, ok := t.(*types.TypeParam); !ok {
			return "nil"
		}
	case *types.Struct:
		if name, ok := k.spell(t); ok {
			return name + "{}"
		}
	}
	return ""
}

func isBool(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsBoolean != 0
}
