package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/chaosrun/chaosrun/reports"
)

// widestTerm is the width of the column of flags and commands. Longer ones have their help below.
const widestTerm = 30

// help prints the usage of a command, or of the program, in lines that fit.
func (c console) help(_ kong.HelpOptions, ctx *kong.Context) error {
	node, usage := ctx.Model.Node, ctx.Model.Name+ctx.Model.Summary()
	if command := ctx.Selected(); command != nil {
		node, usage = command, ctx.Model.Name+" "+command.Summary()
	}
	c.say("Usage: %s\n\n%s", usage, c.screen.Prose(node.Help))
	if node.Detail != "" {
		fmt.Fprintf(c.out, "\n%s", c.detail(node.Detail))
	}
	var arguments, flags, commands [][2]string
	for _, a := range node.Positional {
		arguments = append(arguments, [2]string{a.Summary(), kong.DefaultHelpValueFormatter(a)})
	}
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			flags = append(flags, [2]string{f.String(), kong.DefaultHelpValueFormatter(f.Value)})
		}
	}
	for _, leaf := range node.Leaves(true) {
		commands = append(commands, [2]string{leaf.Path(), leaf.Help})
	}
	c.terms("Arguments", arguments)
	c.terms("Flags", flags)
	c.terms("Commands", commands)
	if node.Parent == nil {
		c.say("\nRun `%s <command> --help` for more information on a command.\n", ctx.Model.Name)
	}
	return nil
}

// detail fills the paragraphs of a help text. A line that is indented is a command.
func (c console) detail(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") {
			line = "  " + reports.Unbroken(strings.TrimLeft(line, " "))
		}
		b.WriteString(line)
	}
	return c.screen.Prose(b.String())
}

// terms prints a list of terms with their help.
func (c console) terms(title string, all [][2]string) {
	if len(all) == 0 {
		return
	}
	width := 0
	for _, t := range all {
		if len(t[0]) <= widestTerm {
			width = max(width, len(t[0]))
		}
	}
	c.say("\n%s:\n", title)
	for _, t := range all {
		if len(t[0]) > width {
			c.say("  %s\n", t[0])
			t[0] = ""
		}
		c.say("  %-*s  %s\n", width, t[0], t[1])
	}
}
