// Command bare is the command line without an engine. .ci/run builds it to see how large that is.
package main

import (
	"os"

	"github.com/chaosrun/chaosrun/cli"
)

func main() { os.Exit(cli.Main(cli.Options{})) }
