package campaign

import (
	"fmt"
	"strconv"
	"strings"
)

// A Shard is one of several equal parts of a plan. It takes every Nth run, so that all shards get
// similar runs. The zero Shard is the whole plan.
type Shard struct {
	// Index is from 1 to Of.
	Index, Of int
}

// ParseShard parses I/N. An empty spec is the whole plan.
func ParseShard(spec string) (Shard, error) {
	if spec == "" {
		return Shard{}, nil
	}
	first, second, ok := strings.Cut(spec, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if s := (Shard{Index: i, Of: n}); ok && err1 == nil && err2 == nil && n > 0 && s.valid() {
		return s, nil
	}
	return Shard{}, usage("shard", "{option} %q: write I/N with I from 1 to N, as in {option} 2/4", spec)
}

func (s Shard) valid() bool { return s == Shard{} || (s.Of >= 1 && s.Index >= 1 && s.Index <= s.Of) }

// takes reports whether the kth run belongs to the shard. k starts at 0.
func (s Shard) takes(k int) bool { return s.Of == 0 || k%s.Of == s.Index-1 }

// String returns I/N, or "" for the whole plan.
func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// of returns the number of runs in the shard, of n.
func (s Shard) of(n int) int {
	if s.Of == 0 {
		return n
	}
	return (n - s.Index + s.Of) / s.Of
}
