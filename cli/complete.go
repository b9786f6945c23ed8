package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/chaosrun/chaosrun/scenarios"
)

type completeCmd struct {
	Shell string   `arg:"" enum:"bash,zsh,fish" help:"The form of what is printed."`
	Words []string `arg:"" optional:"" help:"After --, the words of a command line, without the program. The last one is completed."`
}

// Run prints what may stand for the last word, one a line, with a description where the shell shows
// one.
func (k *completeCmd) Run(c console) error {
	parser, err := newParser(c)
	if err != nil || len(k.Words) == 0 {
		return err
	}
	last := k.Words[len(k.Words)-1]
	for _, x := range c.candidates(parser.Model.Node, k.Words) {
		if !strings.HasPrefix(x.Name, last) {
			continue
		}
		switch k.Shell {
		case "bash":
			fmt.Fprintln(c.out, x.Name)
		case "zsh":
			fmt.Fprintf(c.out, "%s:%s\n", strings.ReplaceAll(x.Name, ":", `\:`), x.Title)
		default:
			fmt.Fprintf(c.out, "%s\t%s\n", x.Name, x.Title)
		}
	}
	return nil
}

// candidates returns what may stand for the last word. After -- there is nothing to complete.
func (c console) candidates(node *kong.Node, words []string) []scenarios.Description {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "=" }) // bash splits --x=y
	if len(words) == 0 {
		return nil
	}
	last, arguments := words[len(words)-1], 0
	var wants *kong.Flag
	for _, word := range words[:len(words)-1] {
		if word == "--" {
			return nil
		}
		if wants != nil {
			wants = nil // this is its value
			continue
		}
		if strings.HasPrefix(word, "--") {
			wants = valued(node, word)
			continue
		}
		if child := childOf(node, word); child != nil {
			node = child
			continue
		}
		arguments++
	}
	switch {
	case wants != nil:
		return c.values(node.Name, wants.Value)
	case strings.HasPrefix(last, "-"):
		return flagsOf(node)
	case len(node.Children) > 0:
		return commandsOf(node)
	case len(node.Positional) > 0:
		return c.values(node.Name, node.Positional[min(arguments, len(node.Positional)-1)])
	}
	return nil
}

// valued returns the flag of a word if its value is the next word, or nil.
func valued(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if "--"+f.Name == word && !f.IsBool() {
				return f
			}
		}
	}
	return nil
}

func childOf(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

func flagsOf(node *kong.Node) (all []scenarios.Description) {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			all = append(all, scenarios.Description{Name: "--" + f.Name, Title: f.Help})
		}
	}
	return all
}

func commandsOf(node *kong.Node) (all []scenarios.Description) {
	for _, child := range node.Children {
		if !child.Hidden {
			all = append(all, scenarios.Description{Name: child.Name, Title: child.Help})
		}
	}
	return all
}

// values returns what a flag or an argument of a command may be, or nil: it may be a file.
func (c console) values(command string, v *kong.Value) (all []scenarios.Description) {
	if v.Enum != "" {
		for word := range v.EnumMap() {
			all = append(all, scenarios.Description{Name: word})
		}
		slices.SortFunc(all, func(a, b scenarios.Description) int { return cmp.Compare(a.Name, b.Name) })
		return all
	}
	if v.Name == "report" {
		for _, kind := range c.reports() {
			all = append(all, scenarios.Description{Name: kind.Name + "="})
		}
		return all
	}
	for _, list := range listsOf()[command+" "+v.Name] {
		all = append(all, c.catalogues()[list]()...)
	}
	for _, list := range listsOf()[v.Name] {
		all = append(all, c.catalogues()[list]()...)
	}
	return all
}

// listsOf returns the lists with the values of a flag or an argument, by its name, or by the names
// of the command and the argument.
func listsOf() map[string][]string {
	return map[string][]string{
		"scenario": {"scenarios"}, "serve what": {"scenarios"}, "policy": {"policies"}, "target": {"targets"},
		"from": {"targets"}, "protocol": {"protocols"},
		"explain name": {"scenarios", "faults", "policies", "targets", "protocols", "expectations"},
	}
}
