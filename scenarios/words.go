package scenarios

import (
	"maps"
	"reflect"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// words returns the allowed words of the parameters that are enumerations, by key. The parts
// validate the words too. Checking them here lets a problem point at the word, with a suggestion.
// The schema offers the same words to editors.
func (words *Vocabulary) words(part any) map[string][]string {
	known := map[string][]string{}
	if w, ok := part.(fakeprovider.Worded); ok {
		known = w.Words()
	}
	if t := reflect.TypeOf(part); t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			if f.Type == reflect.TypeFor[fakeprovider.ProtocolName]() {
				known[f.Tag.Get("yaml")] = words.ProtocolNames()
			}
		}
	}
	return known
}

// checkWords reports each word that is not allowed. main names the argument that may be given
// without its name.
func checkWords(n *strictyaml.Node, part any, main string) {
	known := vocabularyOf(n).words(part)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if f, ok := n.Field(name); ok {
			oneOfEach(f.Value, name, known[name])
		} else if name == main && n.Kind() == strictyaml.String {
			n.OneOf(name, known[name])
		}
	}
}

// oneOfEach reports each word that is not allowed, of a single one or of a list.
func oneOfEach(n *strictyaml.Node, what string, known []string) {
	if n.Kind() != strictyaml.Sequence {
		n.OneOf(what, known)
		return
	}
	for _, item := range n.Items() {
		item.OneOf(what, known)
	}
}
