package protocol_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// conversation returns every frame of a full answer in order, and what may come between.
func conversation() []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameHeartbeat},
		{Kind: fakeprovider.FrameComment, Text: "OPENROUTER PROCESSING"},
		{Kind: fakeprovider.FrameStart},
		{Kind: fakeprovider.FrameText, Text: "The"},
		{Kind: fakeprovider.FrameText, Text: ` <capital> & "Grüße" 🎉`},
		{Kind: fakeprovider.FrameError},
		{Kind: fakeprovider.FrameFinish},
		{Kind: fakeprovider.FrameUsage},
		{Kind: fakeprovider.FrameDone},
	}
}

func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			for _, f := range conversation() {
				if *rig.Update {
					_ = os.Remove(filepath.Join("testdata", "wire", p.Name(), "frame-"+f.Kind.String()+".txt"))
				}
			}
			encoder := p.Encoder(rig.Parsed(t, p, true))
			rig.Golden(t, p.Name()+"/stream-header", rig.DumpHeader(nil, encoder.Header()))
			frames := map[fakeprovider.FrameKind][]byte{}
			for _, f := range conversation() {
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Kind, err)
				}
				frames[f.Kind] = append(frames[f.Kind], data...)
			}
			for kind, data := range frames {
				rig.Golden(t, p.Name()+"/frame-"+kind.String(), data)
			}
		})
	}
}

func TestGoldenWhole(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			encoder := p.Encoder(rig.Parsed(t, p, false))
			got := rig.DumpHeader(nil, encoder.Header())
			for _, f := range conversation() {
				if f.Kind == fakeprovider.FrameError {
					continue
				}
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Kind, err)
				}
				got = append(got, data...)
			}
			rig.Golden(t, p.Name()+"/whole", got)
		})
	}
}

func TestGoldenErrors(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			problems := p.About().Errors
			for _, status := range rig.ErrorStatuses() {
				problems = append(problems, fakeprovider.Problem{Status: status})
			}
			for _, problem := range problems {
				name := fmt.Sprintf("%s/error-%d", p.Name(), problem.Status)
				if problem.Code != "" {
					name += "-" + problem.Code
				}
				rig.Golden(t, name, rig.Dump(p.Problem(problem, rig.Meta(true))))
			}
		})
	}
}
