package scenarios

import (
	"maps"
	"reflect"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// words returns the parameters of a step, a fault or an expectation that take one of a few words,
// by their keys. Their own checks refuse other words as well; here a file gets a suggestion, at the
// word itself, and an editor a list to choose from.
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

// checkWords reports words that are not among those known. main is the argument that may stand
// alone.
func checkWords(n *strictyaml.Node, part any, main string) {
	known := vocabularyOf(n).words(part)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if f, ok := n.Field(name); ok {
			f.Value.OneOf(name, known[name])
		} else if name == main && n.Kind() == strictyaml.String {
			n.OneOf(name, known[name])
		}
	}
}
