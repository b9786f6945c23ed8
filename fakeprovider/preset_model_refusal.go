package fakeprovider

import "cmp"

// ModelRefusal refuses to answer.
type ModelRefusal struct {
	// Text is what the model says about it. Default "I cannot help with that."
	Text string `yaml:"text"`
}

var (
	_ Preset = ModelRefusal{}
	_ Sayer  = ModelRefusal{}
)

const defaultRefusal = "I cannot help with that."

func modelRefusalInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M3"}, Name: "model-refusal",
		Title: "The model refuses, in a response that succeeded",
		Why: "It will refuse again: to ask the same model once more costs a call and shows nothing. Some vendors explain it in a " +
			"field that no client reads, and the caller gets an empty answer.",
		Correct: "No retry on the same model; the refusal, or another model, by policy.",
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/46013",
			"https://github.com/openclaw/openclaw/pull/99164",
		},
		Default: ModelRefusal{Text: defaultRefusal},
	}
}

// Script refuses and finishes.
func (p ModelRefusal) Script() Script {
	return Script{Wait{For: defaultTTFT}, SendFrame{Kind: FrameRefusal.String(), Text: cmp.Or(p.Text, defaultRefusal)}, Finish{}}
}

// Says a refusal, which not every vendor has words for.
func (ModelRefusal) Says() []Frame {
	return []Frame{{Kind: FrameRefusal, Text: defaultRefusal}, {Kind: FrameFinish}}
}
