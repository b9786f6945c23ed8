package cli

import "github.com/alecthomas/kong"

// everydayNames are the commands that the program prints without arguments, in the order in which a
// newcomer needs them.
func everydayNames() []string {
	return []string{"run", "exec", "serve", "reproduce", "init", "check", "explain", "list"}
}

// everyday prints the everyday commands with a line each.
func (c console) everyday(parser *kong.Kong) {
	program := parser.Model.Name
	c.say("%s\n\n", parser.Model.Help)
	for _, name := range everydayNames() {
		for _, command := range parser.Model.Children {
			if command.Name == name {
				c.say("  %s %-10s %s\n", program, name, command.Help)
			}
		}
	}
	c.say("\nNew here: %s demo. A command's flags, with an example: %[1]s run --help. All commands: %[1]s --help.\n",
		program)
}
