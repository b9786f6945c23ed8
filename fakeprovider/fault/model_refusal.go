package fault

import (
	"cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ModelRefusal refuses to answer.
type ModelRefusal struct {
	// Text is what the model says about it. Default "I cannot help with that."
	Text string `yaml:"text"`
}

var (
	_ fakeprovider.Fault       = ModelRefusal{}
	_ fakeprovider.NeedsFrames = ModelRefusal{}
)

const defaultRefusal = "I cannot help with that."

// Info describes the fault.
func (ModelRefusal) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M3"}, Name: "model-refusal",
		Title: "The model refuses, in a response that succeeded",
		Why: "It will refuse again: to ask the same model once more costs a call and shows nothing. Some vendors " +
			"explain it in a field that no client reads, and the caller gets an empty answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Do not ask the same model again: pass the refusal on, or ask another model, by policy.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/46013",
			"https://github.com/openclaw/openclaw/pull/99164",
		},
		Default: ModelRefusal{Text: defaultRefusal},
	}
}

// Script refuses and finishes.
func (p ModelRefusal) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.SendFrame{Kind: fakeprovider.FrameRefusal.String(), Text: cmp.Or(p.Text, defaultRefusal)},
		fakeprovider.Finish{},
	}
}

// NeededFrames returns a refusal, which not every vendor has words for.
func (ModelRefusal) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameRefusal, Text: defaultRefusal}, {Kind: fakeprovider.FrameFinish},
	}
}
