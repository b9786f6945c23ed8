package scenarios

import (
	"cmp"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// unreachable reports the first step of a script that can never be played, and content after the
// end of the answer. It also checks nested scripts.
func (v *validation) unreachable(at location, script fakeprovider.Script) {
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
				v.fail(at.in(i),
					"the answer was declared finished before this: send it with `frame` if that is the point")
				return
			}
		case fakeprovider.Repeat:
			v.unreachable(at.in(i, "repeat", "steps"), step.Steps)
		}
	}
}

// last returns why no step can follow this one, or "" if one can.
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

// answer returns the text of a script, and whether the script declares it finished. It skips texts
// given by a token count, because they are partial on purpose.
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
