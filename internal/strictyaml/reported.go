package strictyaml

// Problems returns how many problems the document has so far, so that a caller can tell whether a step added any.
func (n *Node) Problems() int { return n.doc.src.reports }

// Reported says whether a problem stands at the node or below it.
func (n *Node) Reported() bool {
	for _, p := range n.doc.src.problems {
		if n.holds(p.Line, p.Column) {
			return true
		}
	}
	return false
}

func (n *Node) holds(line, column int) bool {
	if n.line == line && n.column == column {
		return true
	}
	for _, f := range n.fields {
		if f.Key.holds(line, column) || f.Value.holds(line, column) {
			return true
		}
	}
	for _, item := range n.items {
		if item.holds(line, column) {
			return true
		}
	}
	return false
}

// Empty returns a node at the same place that holds nothing: the arguments of a word that has none.
func (n *Node) Empty() *Node {
	return &Node{doc: n.doc, kind: Null, line: n.line, column: n.column}
}
