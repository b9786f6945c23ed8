// Package cli implements the command, for any engine.
//
//	os.Args ─▶ flags ─┬─▶ run, bench, reproduce ─▶ campaign
//	                  ├─▶ exec                  ─▶ targets
//	                  ├─▶ serve                 ─▶ serve
//	                  └─▶ list, explain, check  ─▶ scenarios
//
// A custom main takes a few lines, and has every subcommand for its engine:
//
//	func main() {
//		os.Exit(cli.Main(cli.Options{
//			Targets: campaign.Targets{{Name: "mine", Title: "Our engine", Factory: newTarget}},
//		}))
//	}
//
// The package has flags and printing only. The subcommands call the packages that Go users call.
// The command chaosrun is this package with the built-in engine.
package cli
