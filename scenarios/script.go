package scenarios

import (
	"cmp"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// unreachable reports the first step of a list that can never be played, because of one before it,
// and content that follows the end of the answer. Lists inside the list are looked at as well.
func (v *validation) unreachable(at place, script fakeprovider.Script) {
	finished := false
	for i, step := range script {
		if i > 0 {
			if why := last(script[i-1]); why != "" {
				v.fail(at.in(i), "this step is never played: %s", why)
				return
			}
		}
		switch step := step.(type) {
		case fakeprovider.Finish:
			finished = true
		case fakeprovider.Text, fakeprovider.Think, fakeprovider.Refuse, fakeprovider.CallTool:
			if finished {
				v.fail(at.in(i), "the answer was declared finished before this: send it with `frame` if that is the point")
				return
			}
		case fakeprovider.Repeat:
			v.unreachable(at.in(i, "repeat", "steps"), step.Steps)
		}
	}
}

// last says why nothing can come after a step, or "" if something can.
func last(step fakeprovider.Step) string {
	switch step := step.(type) {
	case fakeprovider.Repeat:
		if step.Times == 0 {
			return "the repeat before it goes on for ever"
		}
	case fakeprovider.End:
		return "the response has ended before it"
	case fakeprovider.Fail:
		return "the problem before it ends the response"
	}
	return ""
}

// answer is the text that a script declares finished, and whether it does. Texts of a number of
// tokens are left out: they are pieces on purpose.
func answer(script fakeprovider.Script, provider string) (text string, whole bool) {
	var b strings.Builder
	for _, step := range script {
		switch step := step.(type) {
		case fakeprovider.Text:
			if step.Tokens != 0 {
				return "", false
			}
			b.WriteString(cmp.Or(step.Value, fakeprovider.Canary(provider)))
		case fakeprovider.Finish:
			return b.String(), b.Len() > 0
		case fakeprovider.End, fakeprovider.Fail:
			return "", false
		}
	}
	return "", false
}
