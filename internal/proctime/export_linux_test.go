//go:build linux && (amd64 || arm64)

package proctime

// Without returns options with one of the rules switched off by which the tracer knows that a tree
// sleeps.
func Without(o Options, rule string) Options {
	o.without = map[string]guards{
		"second look": guardTwice, "running": guardRunning, "deaths": guardDeaths, "backlog": guardBacklog,
		"TCP": guardTCP,
	}[rule]
	if o.without == 0 {
		panic("no such rule: " + rule)
	}
	return o
}

// Backlog returns how many packets a file like /proc/net/softnet_stat says wait.
func Backlog(file string) int {
	f := openFile(file)
	defer f.close()
	return f.backlog()
}
