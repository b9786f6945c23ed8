package fault

import (
	"cmp"
	"context"
	"time"
	"unicode/utf8"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// SplitUTF8 cuts between the bytes of a character.
type SplitUTF8 struct {
	// Pause is the time between the pieces, so that they do not meet in a buffer. Default 2ms.
	Pause time.Duration `yaml:"pause"`
}

var (
	_ fakeprovider.Overlay   = SplitUTF8{}
	_ fakeprovider.Step      = SplitUTF8{}
	_ fakeprovider.Validator = SplitUTF8{}
	_ fakeprovider.Based     = SplitUTF8{}
	_ fakeprovider.Slicer    = SplitUTF8{}
)

const defaultPause = 2 * time.Millisecond

// Info describes the fault.
func (SplitUTF8) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S11"}, Name: "split-utf8",
		Title: "Characters arrive in pieces, a byte at a time",
		Why: "Who turns each piece into text by itself puts replacement characters into the answer, or ends the " +
			"stream over bytes that are no text yet.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Deliver the answer byte for byte.",
		},
		Issues: []string{
			"https://github.com/librefang/librefang/issues/3448",
			"https://github.com/astrid-runtime/astrid/issues/171",
			"https://github.com/xberg-io/liter-llm/issues/152",
		},
		Default: SplitUTF8{Pause: defaultPause},
	}
}

// Validate refuses a negative time.
func (p SplitUTF8) Validate() error {
	return notNegative("split-utf8", "pause", p.Pause)
}

// Script cuts a healthy answer.
func (p SplitUTF8) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (SplitUTF8) Slices() {}

// Lay returns the fault itself, as a step.
func (p SplitUTF8) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Base returns an answer with characters of two, three and four bytes.
func (SplitUTF8) Base() fakeprovider.Fault { return multibyte{} }

// Play installs the filter.
func (p SplitUTF8) Play(ctx context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		return withPauses(ctx, x, cmp.Or(p.Pause, defaultPause), next, splitRunes(data))
	})
	return nil
}

// splitRunes cuts between the bytes of each character.
func splitRunes(data []byte) [][]byte {
	var pieces [][]byte
	from := 0
	for at := 0; at < len(data); {
		_, size := utf8.DecodeRune(data[at:])
		for i := 1; i < size; i++ {
			pieces, from = append(pieces, data[from:at+i:at+i]), at+i
		}
		at += size
	}
	return append(pieces, data[from:])
}

// withPauses passes pieces on, with a pause between each two.
func withPauses(ctx context.Context, x fakeprovider.Exchange, pause time.Duration, next func([]byte) error,
	pieces [][]byte,
) error {
	for i, piece := range pieces {
		if i > 0 {
			if err := x.Wait(ctx, pause); err != nil {
				return err
			}
		}
		if err := next(piece); err != nil {
			return err
		}
	}
	return nil
}

// multibyte answers as Healthy does, with characters of several bytes.
type multibyte struct{}

// Script plays a healthy answer.
func (multibyte) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Wait{For: fakeprovider.DefaultTTFT}, multibyteText{}, fakeprovider.Finish{}}
}

type multibyteText struct{}

// Play sends the canary between words with such characters.
func (multibyteText) Play(ctx context.Context, x fakeprovider.Exchange) error {
	//nolint:gosmopolitan // words of three and four bytes a letter are the point
	return fakeprovider.Text{
		Value: "Grüße 你好 🎉 " + fakeprovider.Canary(x.Asked().Provider) + " 再见", ITL: fakeprovider.DefaultITL,
	}.Play(ctx, x)
}
