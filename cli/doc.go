// Package cli implements the command chaosrun, for any engine.
//
//	os.Args ─▶ flags ─┬─▶ run, bench, reproduce ─▶ campaign
//	                  ├─▶ exec                  ─▶ targets
//	                  ├─▶ serve                 ─▶ serve
//	                  └─▶ list, explain, check  ─▶ scenarios
//
// A main of your own takes a few lines, and has every subcommand for your engine:
//
//	func main() {
//		os.Exit(cli.Main(cli.Options{
//			Targets: campaign.Targets{{Name: "mine", Title: "Our engine", Factory: newTarget}},
//		}))
//	}
//
// The package only has flags and printing. The subcommands call the packages that Go users call.
// The command chaosrun is this package with the built-in engine.
package cli
