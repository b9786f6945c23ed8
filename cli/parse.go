package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Parse reports whether arguments are a command line of the program, and runs nothing: it looks at
// commands, flags and the form of their values, not at files and names. It is for tests of pages
// and pipelines. The error is for a user to read.
func Parse(o Options, args []string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(helpShown); !ok {
				panic(v)
			}
		}
	}()
	o = o.withDefaults()
	_, err = parse(console{Options: o, out: o.Stdout, err: o.Stderr}, args)
	return err
}

// parse parses a command line. It panics with [helpShown] after --help.
func parse(c console, args []string) (*kong.Context, error) {
	parser, err := newParser(c)
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	if len(args) == 0 {
		c.everyday(parser)
		panic(helpShown(ExitPassed))
	}
	command, err := parser.Parse(args)
	if err != nil {
		return nil, usage("%v%s\nsee: %s --help", err, renamed(args), c.Program)
	}
	return command, checkFlags(command)
}

// newParser returns the parser of a program's command lines.
func newParser(c console) (*kong.Kong, error) {
	parser, err := kong.New(new(grammar),
		kong.Name(c.Program),
		kong.Description("Proves that LLM failover works: failing providers, a real engine, a verdict."),
		kong.Writers(c.out, c.err),
		kong.UsageOnError(),
		kong.Help(c.help),
		kong.Vars(c.vars()),
		kong.Exit(func(code int) { panic(helpShown(code)) }),
	)
	if err != nil {
		return nil, err //nolint:wrapcheck // the grammar is ours
	}
	return parser, kong.Visit(parser.Model, wholeValues) //nolint:wrapcheck // as above
}

// wholeValues keeps the value of a flag that may be repeated in one piece, where the parser would
// split it at commas: paths and settings have commas too.
func wholeValues(node kong.Visitable, next kong.Next) error {
	if flag, ok := node.(*kong.Flag); ok && flag.IsSlice() {
		flag.Tag.Sep = -1
	}
	return next(nil)
}

// renamed says, for an error, which flag has taken the place of one that earlier versions had.
func renamed(args []string) string {
	for _, arg := range args {
		if name, _, _ := strings.Cut(arg, "="); name == "--known-failures" {
			return "; did you mean --baseline?"
		}
	}
	return ""
}
