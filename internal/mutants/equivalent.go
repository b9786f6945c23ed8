package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"fmt"
	"strings"
)

// equivalentList lists the mutants that change nothing that anybody could see.
//
//go:embed equivalent.txt
var equivalentList []byte

// An entry is one mutant that changes nothing.
type entry struct {
	key, reason string
	line        int
}

// parseEquivalent reads the list: each entry is a line as --list prints it, without the line
// number, and the reason in indented lines below it. Lines that begin with # are comments. Every
// mistake is an error with its line.
func parseEquivalent(data []byte) (all []entry, errs []error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	known := map[string]int{}
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " "):
			if before := known[line]; before > 0 {
				errs = append(errs, fmt.Errorf("equivalent.txt:%d: the same as line %d", n, before))
			}
			known[line] = n
			all = append(all, entry{key: line, line: n})
		case len(all) == 0:
			errs = append(errs,
				fmt.Errorf("equivalent.txt:%d: a reason of nothing; the mutant stands above it, not indented", n))
		default:
			e := &all[len(all)-1]
			e.reason = strings.TrimSpace(e.reason + " " + strings.TrimSpace(line))
		}
	}
	for _, e := range all {
		if e.reason == "" {
			errs = append(errs,
				fmt.Errorf("equivalent.txt:%d: say why nothing changes, in an indented line below it", e.line))
		}
	}
	return all, errs
}

// reasons returns the reasons of the mutants that change nothing. An entry of these rooms that is
// no mutant any more is an error.
func reasons(list []entry, mutants []*mutant, of []room) (why map[*mutant]string, errs []error) {
	why = map[*mutant]string{}
	keys := map[string]*mutant{}
	for _, m := range mutants {
		keys[m.key()] = m
	}
	for _, e := range list {
		if m, ok := keys[e.key]; ok {
			why[m] = e.reason
			continue
		}
		for _, r := range of {
			dir, name, _ := cutFile(e.key)
			if dir == r.dir && r.holds(name) {
				errs = append(errs,
					fmt.Errorf("equivalent.txt:%d: no mutant is called so any more, remove the entry: %s", e.line,
						e.key))
			}
		}
	}
	return why, errs
}

// cutFile returns the folder and the name of the file of a key.
func cutFile(key string) (dir, name string, ok bool) {
	file, _, _ := strings.Cut(key, " ")
	i := strings.LastIndex(file, "/")
	if i < 0 {
		return "", file, false
	}
	return file[:i], file[i+1:], true
}
