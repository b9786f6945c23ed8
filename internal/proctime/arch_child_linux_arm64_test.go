package proctime_test

import "fmt"

// vsyscall does not exist on this architecture.
func vsyscall() { fmt.Println("none") }

// otherArchitecture does nothing: a process of this architecture makes only calls of its own.
func otherArchitecture() {}
