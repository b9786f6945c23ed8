package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
)

// The names that the written code uses. Nothing else is called so.
const (
	switchName = "mutantAt"
	localName  = "mutantHere"
	// envMutant holds the number of the mutant that is on. envTrace is a file to which the first
	// number of each site that is reached is appended.
	envMutant = "CHAOSRUN_MUTANT"
	envTrace  = "CHAOSRUN_MUTANT_TRACE"
)

// A writer writes one file with all of its mutants.
type writer struct {
	src   []byte
	sites []*site // those that are left, outermost first
	out   bytes.Buffer
}

// write writes src[start:end].
func (w *writer) write(start, end int) {
	for len(w.sites) > 0 && w.sites[0].start < end {
		s := w.sites[0]
		w.sites = w.sites[1:]
		w.out.Write(w.src[start:s.start])
		s.from = w.out.Len()
		w.site(s)
		s.to = w.out.Len()
		start = s.end
	}
	w.out.Write(w.src[start:end])
}

// site writes one site with what is in it.
func (w *writer) site(s *site) {
	first, last := s.mutants[0].id, s.mutants[len(s.mutants)-1].id
	at := fmt.Sprintf("%s(%d, %d)", switchName, first, last)
	switch s.form {
	case expression:
		fmt.Fprintf(&w.out, "func() %s { switch %s { ", s.typ, at)
		for _, m := range s.mutants {
			fmt.Fprintf(&w.out, "case %d: return %s; ", m.id, m.code)
		}
		w.out.WriteString("default: return ")
		w.write(s.start, s.end)
		w.out.WriteString(" } }()")
	case statement:
		fmt.Fprintf(&w.out, "if %s := %s; %s == %d { %s } else ", localName, at, localName, first, s.mutants[0].code)
		for _, m := range s.mutants[1:] {
			fmt.Fprintf(&w.out, "if %s == %d { %s } else ", localName, m.id, m.code)
		}
		w.out.WriteString("{ ")
		w.write(s.start, s.end)
		w.out.WriteString(" }")
	case body:
		fmt.Fprintf(&w.out, "if %s == 0 { ", at)
		w.write(s.start, s.end)
		w.out.WriteString(" }")
	case loop:
		fmt.Fprintf(&w.out, " if %s != 0 { break };", at)
	}
}

// helper is the code that switches mutants on, in a file of its own.
const helper = `package %s

import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutantOn, _ = strconv.Atoi(os.Getenv(%q))
	mutantTrace = mutantOpen(os.Getenv(%q))
	mutantSeen  [%d]atomic.Bool
)

func mutantOpen(path string) *os.File {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		panic(err)
	}
	return file
}

func mutantAt(first, last int) int {
	if mutantTrace != nil && mutantSeen[first].CompareAndSwap(false, true) {
		mutantTrace.WriteString(strconv.Itoa(first) + "\n")
	}
	if first <= mutantOn && mutantOn <= last {
		return mutantOn
	}
	return 0
}
`

// A schema is a package with all of its mutants in it.
type schema struct {
	code    *code
	mutants []*mutant
	// sites holds the first number of each mutant's site, which a trace names.
	sites map[*mutant]int
	// files are the changed files by their names, and the helper.
	files map[string][]byte
	// refused counts the mutants that are no Go.
	refused int
}

// mutate returns the package with its mutants. Those that the compiler would refuse are left out.
func (c *code) mutate() (*schema, error) {
	s := &schema{code: c}
	sites := c.collect(c.room.dir)
	for range 20 {
		s.mutants = number(sites)
		sources := make([][]byte, len(c.sources))
		for i, src := range c.sources {
			w := writer{src: src, sites: slices.Clone(sites[i])}
			w.write(0, len(src))
			sources[i] = w.out.Bytes()
		}
		help := fmt.Appendf(nil, helper, c.name, envMutant, envTrace, len(s.mutants)+1)
		fset := token.NewFileSet()
		with := *c
		with.names = append(slices.Clone(c.names), helperName)
		_, _, errs := with.check(fset, append(slices.Clone(sources), help))
		if len(errs) == 0 {
			s.finish(sites, sources, help)
			return s, nil
		}
		before := len(s.mutants)
		for _, err := range errs {
			if err := refuse(sites, c.names, fset, err); err != nil {
				return nil, err
			}
		}
		s.refused += before - len(number(sites))
	}
	return nil, fmt.Errorf("%s: the mutants that are no Go cannot be told apart", c.room.dir)
}

// helperName is the file of the helper.
const helperName = "mutant_switch.go"

// refuse leaves out the innermost site around an error.
func refuse(sites [][]*site, names []string, fset *token.FileSet, err error) error {
	problem := types.Error{}
	if !errors.As(err, &problem) {
		return fmt.Errorf("the mutants cannot be parsed: %w", err)
	}
	at := fset.Position(problem.Pos)
	for i := range names {
		if file := fset.File(problem.Pos); file == nil || fset.Position(file.Pos(0)).Filename != at.Filename ||
			filepath.Base(at.Filename) != names[i] {
			continue
		}
		inner := -1
		for j, s := range sites[i] {
			if s.from <= at.Offset && at.Offset <= s.to {
				inner = j
			}
		}
		if inner < 0 {
			break
		}
		sites[i] = slices.Delete(sites[i], inner, inner+1)
		return nil
	}
	return fmt.Errorf("the mutants cannot be compiled: %w", err)
}

// finish keeps what was written.
func (s *schema) finish(sites [][]*site, sources [][]byte, help []byte) {
	s.files, s.sites = map[string][]byte{helperName: help}, map[*mutant]int{}
	for i, file := range sites {
		if len(file) > 0 {
			s.files[s.code.names[i]] = sources[i]
		}
		for _, at := range file {
			for _, m := range at.mutants {
				s.sites[m] = at.mutants[0].id
			}
		}
	}
}
