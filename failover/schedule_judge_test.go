package failover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
)

// tokenText is a piece of an answer, callID the id of a tool call of one, and who gave it: see
// fault.reply.
var (
	tokenText = regexp.MustCompile(`\[(\w+ \d+) (\d+) (\d+)\]`)
	callID    = regexp.MustCompile(`^call_(p\d+)_(\d+)_\d+$`)
)

// judge returns what is wrong with what a caller got, or nothing.
func judge(s schedule, t turn, r result) failover.Violation {
	if after, goes := t.leaves(); goes && r.took >= after {
		if r.took > after || !errors.Is(r.err, context.Canceled) {
			return failover.ViolationHung
		}
		return ""
	}
	if _, told := errors.AsType[*failover.CallError](r.err); r.took > patience || (r.err != nil && !told) {
		return failover.ViolationHung
	}
	said := r.tokens()
	if v := mixed(said, r.calls); v != "" {
		return v
	}
	switch {
	case r.err == nil && (isShort(said, r.answer.Finish) || !t.canRun(r.calls)):
		return failover.ViolationTruncated
	case r.err == nil && !s.isOf(t, r, said[0][1]):
		return failover.ViolationSpliced
	case r.err != nil && (t.Restarts || t.Whole) && s.canAnswer():
		return failover.ViolationFailed
	}
	return ""
}

// tokens are those of the text, and behind them those of the tool calls.
func (r result) tokens() [][]string {
	said := tokenText.FindAllStringSubmatch(r.text, -1)
	for _, c := range r.calls {
		said = append(said, tokenText.FindAllStringSubmatch(c.Arguments, -1)...)
	}
	return said
}

// mixed says whether tokens and calls are not those of one answer, each once and in its place.
func mixed(said [][]string, calls []failover.ToolCall) failover.Violation {
	seen := map[string]bool{}
	var givers []string
	for _, w := range said {
		if seen[w[0]] {
			return failover.ViolationDuplicated
		}
		seen[w[0]] = true
		givers = append(givers, w[1])
	}
	for _, c := range calls {
		if seen[c.ID] {
			return failover.ViolationDuplicated
		}
		seen[c.ID] = true
		if id := callID.FindStringSubmatch(c.ID); id != nil {
			givers = append(givers, id[1]+" "+id[2])
		}
	}
	if len(slices.Compact(givers)) > 1 {
		return failover.ViolationSpliced
	}
	for i, w := range said {
		if w[2] != strconv.Itoa(i) {
			return failover.ViolationSpliced
		}
	}
	return ""
}

// isShort says that an answer is not all of what its provider had to say. One that got too long
// says so itself.
func isShort(said [][]string, finish string) bool {
	return len(said) == 0 ||
		(strconv.Itoa(len(said)) != said[0][3] && !slices.Contains(tooLong, strings.ToLower(finish)))
}

// tooLong is what the vendors call an answer that got too long.
var tooLong = []string{"length", "max_tokens", "max_output_tokens"}

// canRun says that the calls are whole, and of tools that the caller has. To offer none is not to
// say which there are.
func (t turn) canRun(calls []failover.ToolCall) bool {
	return !slices.ContainsFunc(calls, func(c failover.ToolCall) bool {
		var object map[string]string
		return json.Unmarshal([]byte(c.Arguments), &object) != nil || (t.Tools && !slices.Contains(toolNames, c.Name))
	})
}

// isOf says that an answer is what its label says: given by that provider, with these calls, and
// going on from the prefill or not.
func (s schedule) isOf(t turn, r result, giver string) bool {
	if name, _, _ := strings.Cut(giver, " "); name != r.answer.Provider || !cmp.Equal(r.calls, r.answer.ToolCalls) {
		return false
	}
	var i int
	if _, err := fmt.Sscanf(r.answer.Provider, "p%d", &i); err != nil || i >= len(s.Providers) {
		return false
	}
	return r.answer.PrefillDropped == (t.Prefill && !s.Providers[i].takesPrefill())
}
