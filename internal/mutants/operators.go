package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// An operator is a kind of mistake.
type operator struct {
	name string
	// does says what it changes, in the table.
	does string
	// find returns the changes of one node.
	find func(k *collector, n ast.Node) []change
}

// operators returns all operators, in the order of the table.
func operators() []operator {
	return []operator{
		{"boundary", "< becomes <=, > becomes >=, and back", boundary},
		{"comparison", "< becomes >=, == becomes !=, and back", comparison},
		{"negation", "a condition that compares nothing becomes its opposite; !x becomes x", negation},
		{"logic", "&& becomes ||, and back", logic},
		{"half", "one half of an && or || is left out", half},
		{"arithmetic", "+ becomes -, * becomes /, << becomes >>, & becomes |, and back", arithmetic},
		{"extreme", "min becomes max, and back", extreme},
		{"number", "a whole number is one more", integer},
		{"truth", "true becomes false, and back", truth},
		{"append", "append returns what it was given", appended},
		{"result", "a result is 0, \"\", nil or the opposite", results},
		{"assignment", "an assignment is left out, x++ becomes x--, += becomes -=", assignment},
		{"call", "a call whose results nobody takes is left out, with go and defer too", call},
		{"exit", "an early return, break or continue is left out", exit},
		{"case", "the statements of a case are left out", clause},
		{"loop", "a loop ends before its first round", loops},
	}
}

// binary returns a change of an expression with two operands, with another operator between them.
func (k *collector) binary(n ast.Node, swap map[token.Token]token.Token) []change {
	e, ok := n.(*ast.BinaryExpr)
	if !ok || swap[e.Op] == 0 {
		return nil
	}
	return []change{{node: e, to: k.operand(e.X) + " " + swap[e.Op].String() + " " + k.operand(e.Y)}}
}

// operand returns the code of an operand, which holds together beside any operator.
func (k *collector) operand(e ast.Expr) string {
	if _, ok := e.(*ast.BinaryExpr); ok {
		return "(" + k.text(e) + ")"
	}
	return k.text(e)
}

func boundary(k *collector, n ast.Node) []change {
	return k.binary(n, map[token.Token]token.Token{
		token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	})
}

func comparison(k *collector, n ast.Node) []change {
	return k.binary(n, map[token.Token]token.Token{
		token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR, token.EQL: token.NEQ,
		token.NEQ: token.EQL,
	})
}

func logic(k *collector, n ast.Node) []change {
	return k.binary(n, map[token.Token]token.Token{token.LAND: token.LOR, token.LOR: token.LAND})
}

func half(k *collector, n ast.Node) []change {
	e, ok := n.(*ast.BinaryExpr)
	if !ok || e.Op != token.LAND && e.Op != token.LOR {
		return nil
	}
	all := []change{{node: e, to: k.text(e.X)}}
	if x, ok := e.X.(*ast.BinaryExpr); !ok || x.Op != e.Op { // of a && b && c, a and b are the halves of their own
		all = append(all, change{node: e, to: k.text(e.Y)})
	}
	return all
}

func arithmetic(k *collector, n ast.Node) []change {
	e, ok := n.(*ast.BinaryExpr)
	if !ok || isString(k.typeOf(e)) {
		return nil
	}
	return k.binary(n, map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
		token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND,
	})
}

func isString(t types.Type) bool {
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

func negation(k *collector, n ast.Node) []change {
	if e, ok := n.(*ast.UnaryExpr); ok && e.Op == token.NOT {
		return []change{{node: e, to: k.text(e.X)}}
	}
	var conditions []ast.Expr
	switch n := n.(type) {
	case *ast.IfStmt:
		conditions = []ast.Expr{n.Cond}
	case *ast.ForStmt:
		conditions = []ast.Expr{n.Cond}
	case *ast.CaseClause:
		if s, ok := k.parent(2).(*ast.SwitchStmt); ok && s.Tag == nil {
			conditions = n.List
		}
	}
	var all []change
	for _, e := range conditions {
		switch e.(type) {
		case nil, *ast.BinaryExpr, *ast.UnaryExpr: // other operators change these
		default:
			all = append(all, change{node: e, to: "!(" + k.text(e) + ")"})
		}
	}
	return all
}

// parent returns the nth node around the current one, from 1, or nil.
func (k *collector) parent(n int) ast.Node {
	if n > len(k.stack) {
		return nil
	}
	return k.stack[len(k.stack)-n]
}

func extreme(k *collector, n ast.Node) []change {
	e, ok := n.(*ast.CallExpr)
	if !ok || len(e.Args) < 2 {
		return nil
	}
	swap := map[string]string{"min": "max", "max": "min"}
	name := k.builtin(e)
	if swap[name] == "" {
		return nil
	}
	return []change{{node: e, to: swap[name] + k.text(e)[len(name):]}}
}

func appended(k *collector, n ast.Node) []change {
	e, ok := n.(*ast.CallExpr)
	if !ok || k.builtin(e) != "append" || len(e.Args) < 2 {
		return nil
	}
	if typ := k.typeOf(e.Args[0]); typ == nil || !types.Identical(typ, k.typeOf(e)) {
		return nil
	}
	return []change{{node: e, to: k.text(e.Args[0])}}
}

// builtin returns the name of the built-in function that is called, or "".
func (k *collector) builtin(e *ast.CallExpr) string {
	id, ok := e.Fun.(*ast.Ident)
	if !ok {
		return ""
	}
	if _, ok := k.code.info.Uses[id].(*types.Builtin); !ok {
		return ""
	}
	return id.Name
}

// integer leaves alone what is only a hint, as a capacity, and what stands for nothing beside an
// error or a false.
func integer(k *collector, n ast.Node) []change {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.INT {
		return nil
	}
	for _, around := range k.stack {
		if e, ok := around.(*ast.CallExpr); ok && k.builtin(e) == "make" {
			return nil
		}
	}
	if r, ok := k.parent(1).(*ast.ReturnStmt); ok && len(r.Results) > 1 && lit.Value == "0" {
		return nil
	}
	value, err := strconv.ParseInt(lit.Value, 0, 64)
	if err != nil {
		return nil
	}
	return []change{{node: lit, to: strconv.FormatInt(value+1, 10)}}
}

func truth(k *collector, n ast.Node) []change {
	id, ok := n.(*ast.Ident)
	if !ok || k.code.info.Uses[id] != types.Universe.Lookup("true") &&
		k.code.info.Uses[id] != types.Universe.Lookup("false") {
		return nil
	}
	return []change{{node: id, to: strconv.FormatBool(id.Name != "true"), typ: k.typeOf(id)}}
}
