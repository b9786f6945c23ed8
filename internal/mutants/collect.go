package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A form says how a site is written so that its mutants can be switched on.
type form int

const (
	// expression is replaced by the call of a function literal, which returns one of them.
	expression form = iota
	// statement is replaced by an if with a branch for each.
	statement
	// body is the statements of a clause, which an if leaves out.
	body
	// loop is the beginning of a loop's body, where an if breaks off.
	loop
)

// A site is a piece of code that mutants replace.
type site struct {
	form       form
	start, end int // offsets in the file
	typ        string
	mutants    []*mutant
	// from and to is where it stands in what was written.
	from, to int
}

// A collector finds the sites of one file.
type collector struct {
	code  *code
	file  int // index in code
	src   []byte
	base  token.Pos
	stack []ast.Node // the nodes around the current one, outermost first
	sites map[[3]int]*site
	known map[string]int // how many mutants read alike
}

// collect returns the sites of each file of the room, with numbered mutants.
func (c *code) collect(rel string) [][]*site {
	all := make([][]*site, len(c.files))
	for i, file := range c.files {
		if !c.room.holds(c.names[i]) || ast.IsGenerated(file) {
			continue
		}
		k := &collector{
			code: c, file: i, src: c.sources[i], base: c.fset.File(file.Pos()).Pos(0), sites: map[[3]int]*site{},
			known: map[string]int{},
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil {
				k.stack = k.stack[:len(k.stack)-1]
				return true
			}
			if k.fixed(n) {
				return false
			}
			for _, o := range operators() {
				for _, change := range o.find(k, n) {
					k.add(o.name, rel+"/"+c.names[i], change)
				}
			}
			k.stack = append(k.stack, n)
			return true
		})
		all[i] = slices.SortedFunc(maps.Values(k.sites), func(a, b *site) int {
			if a.start != b.start {
				return a.start - b.start
			}
			if a.end != b.end {
				return b.end - a.end
			}
			return int(b.form - a.form)
		})
	}
	return all
}

// number gives each mutant its number, and returns all of them.
func number(sites [][]*site) []*mutant {
	var all []*mutant
	for _, file := range sites {
		for _, s := range file {
			for _, m := range s.mutants {
				all = append(all, m)
				m.id = len(all)
			}
		}
	}
	return all
}

// fixed reports whether code may not be replaced: constants and types have to be known to the
// compiler.
func (*collector) fixed(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.CONST || n.Tok == token.TYPE || n.Tok == token.IMPORT
	case *ast.FuncType, *ast.ArrayType:
		return true
	case *ast.CallExpr: // what looks at the functions around it
		name := n.Fun
		if s, ok := name.(*ast.SelectorExpr); ok {
			name = s.Sel
		}
		id, ok := name.(*ast.Ident)
		return ok && (id.Name == "recover" || id.Name == "Caller" || id.Name == "Callers")
	}
	return false
}

// A change is what an operator proposes.
type change struct {
	form form
	// node is replaced, to what replaces it. first and last limit the statements of a body.
	node        ast.Node
	first, last token.Pos
	to          string
	// from is shown instead of the node.
	from string
	// typ is the type of an expression if it is not that of the node.
	typ types.Type
}

// add adds a mutant, unless its type cannot be written down in this file.
func (k *collector) add(operator, file string, ch change) {
	first, last := ch.first, ch.last
	if first == 0 {
		first, last = ch.node.Pos(), ch.node.End()
	}
	s := &site{form: ch.form, start: k.offset(first), end: k.offset(last)}
	if s.form == expression {
		if ch.typ == nil {
			ch.typ = k.typeOf(ch.node)
		}
		var ok bool
		if s.typ, ok = k.spell(ch.typ); !ok {
			return
		}
	}
	at := [3]int{s.start, s.end, int(s.form)}
	if known, ok := k.sites[at]; ok {
		s = known
	} else {
		k.sites[at] = s
	}
	m := &mutant{
		operator: operator, file: file, line: k.code.fset.Position(first).Line, function: k.function(),
		from: squeezed(ch.from), to: squeezed(ch.to), code: ch.to,
	}
	if m.from == "" {
		m.from = squeezed(k.text(ch.node))
	}
	k.known[m.key()]++
	if n := k.known[m.key()]; n > 1 {
		m.nth = n
	}
	s.mutants = append(s.mutants, m)
}

// squeezed returns code in one line. A comment goes with the end of its line.
func squeezed(code string) string {
	var all []string
	for line := range strings.Lines(code) {
		if i := strings.Index(line, " // "); i >= 0 {
			line = line[:i]
		}
		all = append(all, strings.Fields(line)...)
	}
	return strings.Join(all, " ")
}

func (k *collector) offset(p token.Pos) int { return int(p - k.base) }

// text returns the code of a node.
func (k *collector) text(n ast.Node) string {
	return string(k.src[k.offset(n.Pos()):k.offset(n.End())])
}

// function returns the name of the function around the current node, "TYPE.NAME" for a method.
func (k *collector) function() string {
	for _, n := range k.stack {
		f, ok := n.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Recv == nil {
			return f.Name.Name
		}
		receiver := f.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if index, ok := receiver.(*ast.IndexExpr); ok {
			receiver = index.X
		}
		return k.text(receiver) + "." + f.Name.Name
	}
	return "-"
}

// typeOf returns the type that an expression has where it stands, nil if none.
func (k *collector) typeOf(n ast.Node) types.Type {
	e, ok := n.(ast.Expr)
	if !ok {
		return nil
	}
	if t, ok := k.code.info.Types[e]; ok && t.Type != nil {
		return types.Default(k.constant(t).Type)
	}
	if id, ok := e.(*ast.Ident); ok && k.code.info.Uses[id] != nil {
		return types.Default(k.code.info.Uses[id].Type())
	}
	return nil
}

// constant returns the type of the constant expression around the current node if that of the node
// was never decided: of the 1 in -1, for instance.
func (k *collector) constant(t types.TypeAndValue) types.TypeAndValue {
	for n := 1; t.Value != nil; n++ {
		basic, ok := t.Type.(*types.Basic)
		if !ok || basic.Info()&types.IsUntyped == 0 {
			break
		}
		e, ok := k.parent(n).(ast.Expr)
		if !ok || k.code.info.Types[e].Value == nil {
			break
		}
		t = k.code.info.Types[e]
	}
	return t
}

// spell writes a type with the names that this file has for packages.
func (k *collector) spell(t types.Type) (text string, ok bool) {
	if t == nil {
		return "", false
	}
	names := map[string]string{}
	for _, spec := range k.code.files[k.file].Imports {
		obj := k.code.info.Implicits[spec]
		if spec.Name != nil {
			obj = k.code.info.Defs[spec.Name]
		}
		if name, isPkg := obj.(*types.PkgName); isPkg {
			names[name.Imported().Path()] = name.Name()
		}
	}
	ok = true
	text = types.TypeString(t, func(p *types.Package) string {
		if p.Path() == k.code.importPath {
			return ""
		}
		name, imported := names[p.Path()]
		ok = ok && imported
		return name
	})
	return text, ok && !strings.HasPrefix(text, "untyped")
}
