// Package cli is the whole command, for any engine.
//
//	os.Args ─▶ flags ─┬─▶ run, bench, reproduce ─▶ campaign
//	                  ├─▶ serve                 ─▶ serve
//	                  └─▶ list, explain, check  ─▶ scenarios
//
// A team's own main is a few lines, and has every subcommand for its engine:
//
//	func main() {
//		os.Exit(cli.Main(cli.Options{
//			Targets: campaign.Targets{{Name: "mine", Title: "Our engine", Factory: newTarget}},
//		}))
//	}
//
// There are flags and printing here, and nothing else: what a subcommand does is in the rooms that
// Go users call. The command chaosrun is this package with the built-in engine.
package cli
