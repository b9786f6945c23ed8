package main

import (
	"os"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/targets"
)

func main() { os.Exit(program()) }

// program runs the command line and returns the exit code.
func program() int { return cli.Main(options()) }

// options let the command test the built-in engine, and the engines that ship with a target file.
func options() cli.Options {
	return cli.Options{Targets: campaign.Targets{target.Target()}, Outside: targets.Shipped()}
}
