package fault_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Stutter pauses before each piece of the answer.
type Stutter struct {
	// Pause is the time before each piece. Default 3s.
	Pause time.Duration `yaml:"pause"`
}

var (
	_ fakeprovider.Overlay   = Stutter{}
	_ fakeprovider.Step      = Stutter{}
	_ fakeprovider.Validator = Stutter{}
	_ fakeprovider.Described = Stutter{}
)

const defaultPause = 3 * time.Second

// Info describes the fault.
func (Stutter) Info() fakeprovider.Info {
	return fakeprovider.Info{
		Name:  "stutter",
		Title: "Every piece of the answer comes after a pause",
		Why:   "A timeout on silence that is shorter than the pause cuts an answer that would have come.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is: slow is no failure.",
		},
		Default: Stutter{Pause: defaultPause},
	}
}

// Validate refuses a negative pause.
func (s Stutter) Validate() error {
	if s.Pause < 0 {
		return errors.New("stutter: pause is negative")
	}
	return nil
}

// Script slows down a healthy answer.
func (s Stutter) Script() fakeprovider.Script { return fakeprovider.Alone(s) }

// Lay returns the fault itself, as a step.
func (s Stutter) Lay() fakeprovider.Script { return fakeprovider.Script{s} }

// Play installs the filter.
func (s Stutter) Play(ctx context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind.IsContent() {
			if err := x.Wait(ctx, cmp.Or(s.Pause, defaultPause)); err != nil {
				return err
			}
		}
		return next(data)
	})
	return nil
}

// A program appends a fault of its own to those that ship. Scenario files can name it then, and
// every protocol can have it.
func Example() {
	words := scenarios.Shipped()
	words.Faults = append(words.Faults, Stutter{}.Info())
	s, err := words.Load("stutter.yaml", []byte(`
scenario: stutter
providers:
  - name: primary
    on_request: [{stutter: {pause: 5s}}]
expect: [no_fallback]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	entry := s.Providers[0].OnRequest[0]
	fmt.Println(fakeprovider.NameOf(entry), entry)
	for _, p := range protocol.All() {
		if why := fakeprovider.CannotSay(entry, p, fakeprovider.Request{Stream: true}); why != nil {
			fmt.Println(why)
		}
	}
	// Output:
	// stutter {5s}
}

// The description of a fault says what a right engine does about it.
func ExampleByName() {
	info, err := fault.ByName("bom")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Title)
	fmt.Println("streamed:", info.Right.For(true))
	fmt.Println("whole:", info.Right.For(false))
	// Output:
	// The body begins with a byte order mark
	// streamed: leave it alone
	// whole: answer from any provider
}
