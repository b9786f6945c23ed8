//go:build linux && amd64

package proctime

// Rules returns the names of the rules by which the tracer knows that a tree sleeps.
func Rules() []string { return []string{"second look", "running", "deaths", "backlog", "TCP"} }

// Without returns options with one of the rules switched off.
func Without(o Options, rule string) Options {
	for i, name := range Rules() {
		if name == rule {
			o.without = 1 << i
			return o
		}
	}
	panic("no such rule: " + rule)
}
