package scenarios

import (
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// unreachable reports steps that can never be played, because the step before them is the last.
func unreachable(script fakeprovider.Script, at place, fail func(place, string, ...any)) {
	for i, step := range script {
		if i+1 == len(script) {
			return
		}
		if why := last(step); why != "" {
			fail(append(slices.Clone(at), "script", i+1), "this step is never played: %s", why)
			return
		}
	}
}

// last says why nothing can come after a step; "" if something can.
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

// texts are the whole answers that a script gives: what a caller could hold in the end.
func texts(script fakeprovider.Script, provider string) []string {
	text, finished := "", false
	for _, step := range script {
		switch step := step.(type) {
		case fakeprovider.Text:
			if step.Value == "" {
				text += fakeprovider.Canary(provider)
			} else {
				text += step.Value
			}
		case fakeprovider.Finish:
			finished = true
		}
	}
	if !finished || text == "" {
		return nil
	}
	return []string{text}
}

// said says whether a provider may give that very text as its answer.
func said(p Provider, text string) bool {
	return slices.ContainsFunc(p.OnRequest, func(preset fakeprovider.Preset) bool {
		return preset != nil && slices.Contains(texts(preset.Script(), p.Name), text)
	})
}
