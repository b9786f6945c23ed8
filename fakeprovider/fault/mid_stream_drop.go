package fault

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// MidStreamDrop sends the beginning of an answer and breaks off.
type MidStreamDrop struct {
	// After is how many tokens arrive before the drop. Default 5.
	After int `yaml:"after"`
	// How is cut, reset, eof (in good order, as if that were all) or hang. Default cut.
	How fakeprovider.Ending `yaml:"how"`
	// TTFT is the time to first token. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
	// ITL is the time between tokens, and between the last of them and the drop. Default 20ms.
	ITL time.Duration `yaml:"itl"`
}

var (
	_ fakeprovider.Fault     = MidStreamDrop{}
	_ fakeprovider.Validator = MidStreamDrop{}
)

const defaultDropAfter = 5

// Info describes the fault.
func (MidStreamDrop) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs:   []string{"C12"},
		Name:  "mid-stream-drop",
		Title: "The connection is lost in the middle of the answer",
		Why: "What has been shown cannot be taken back: an engine must start over with a marker or report an error, " +
			"and never present the part as the whole or glue a second answer to it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Treat a connection that breaks in the middle as a failure: return an error or start " +
				"over.",
		},
		Issues: []string{
			"https://github.com/bytedance/deer-flow/issues/1923",
			"https://github.com/BerriAI/litellm/pull/33222",
			"https://github.com/BerriAI/litellm/issues/33404",
		},
		Default: MidStreamDrop{
			After: defaultDropAfter, How: fakeprovider.Cut, TTFT: fakeprovider.DefaultTTFT,
			ITL: fakeprovider.DefaultITL,
		},
	}
}

// Validate refuses negative numbers and an ending that does not exist.
func (p MidStreamDrop) Validate() error {
	errs := []error{
		atLeastOne("mid-stream-drop", "after", p.After),
		notNegative("mid-stream-drop", "ttft", p.TTFT), notNegative("mid-stream-drop", "itl", p.ITL),
	}
	if err := (fakeprovider.End{How: cmp.Or(p.How, fakeprovider.Cut)}).Validate(); err != nil {
		errs = append(errs, fmt.Errorf("mid-stream-drop: %w", err))
	}
	return errors.Join(errs...)
}

// Script sends the tokens and ends without finishing.
func (p MidStreamDrop) Script() fakeprovider.Script {
	itl := cmp.Or(p.ITL, fakeprovider.DefaultITL)
	return fakeprovider.Script{
		fakeprovider.Wait{For: cmp.Or(p.TTFT, fakeprovider.DefaultTTFT)},
		fakeprovider.Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: itl},
		fakeprovider.Wait{For: itl},
		fakeprovider.End{How: cmp.Or(p.How, fakeprovider.Cut)},
	}
}

// Words returns the words that scenario files may use.
func (MidStreamDrop) Words() map[string][]string {
	return map[string][]string{"how": fakeprovider.EndingNames()}
}
