package process

import "errors"

// guardName is the name that a guard sees as its own, and guardEnv is set for it. Both must match,
// so that no name that a user chooses starts a guard. A guard's command does not see guardEnv.
const (
	guardName = "chaosrun-guard"
	guardEnv  = "CHAOSRUN_GUARD"
)

// The reasons why a path is not a program.
var (
	errFolder        = errors.New("a folder is not a command")
	errNotExecutable = errors.New("permission denied: not executable")
)
