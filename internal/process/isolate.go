package process

import (
	"errors"
	"net"
)

// isolatedEnv is set inside of an isolation. Its value says what for.
const isolatedEnv = "CHAOSRUN_ISOLATED"

// ErrNotPermitted is wrapped by the error of Isolate if the system does not permit an isolation.
var ErrNotPermitted = errors.New("no network isolation here")

// Isolated reports whether this process can reach loopback only: every other interface is down.
func Isolated() bool {
	interfaces, err := net.Interfaces()
	if err != nil {
		return false
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback == 0 && i.Flags&net.FlagUp != 0 {
			return false
		}
	}
	return true
}
