// Package readfile reads the files that a command line or a configuration names, with a bound.
//
//	Whole   all of a file, or an error if it has more than so many bytes
//	Head    the first bytes of a file
//	Check   the reason why a path cannot be read as a file
//
// A folder, a device and a socket are refused, so that /dev/zero takes no memory and a terminal
// does not block forever. A named pipe, such as a shell's <(command), is read as long as a program
// writes to it.
package readfile
