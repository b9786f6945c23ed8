package scenarios

import (
	"maps"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/timeline"
)

// words are the arguments of a step, a fault or an expectation that take one of a few words. Their own checks refuse
// other words as well; here a file gets a suggestion, at the word itself, and an editor a list to choose from.
func words(part any) map[string][]string {
	switch part.(type) {
	case assertions.Answer:
		return map[string][]string{"outcome": timeline.OutcomeNames()}
	case fakeprovider.Fail:
		return map[string][]string{"shape": fakeprovider.Shapes()}
	case fakeprovider.Finish:
		return map[string][]string{"reason": fakeprovider.FinishReasons()}
	case fakeprovider.SendFrame:
		return map[string][]string{"kind": frameKinds()}
	case fault.RetryAfterDate:
		return map[string][]string{"when": fault.RetryAfterTimes(), "form": fault.DateForms()}
	case fault.ErrorInside200:
		return map[string][]string{"type": fault.BodyTypes()}
	case fault.GzipStream:
		return map[string][]string{"flush": fault.Flushes()}
	case fault.ErrorBeforeContent, fault.ErrorAfterContent:
		return map[string][]string{"shape": fakeprovider.Shapes()}
	case fault.SchemaDrift:
		return map[string][]string{"how": fault.Drifts()}
	case fault.WrongWire:
		return map[string][]string{"protocol": protocolNames()}
	case fault.MidStreamDrop, fault.CutInFrame, fault.CutInTerminal:
		return map[string][]string{"how": fakeprovider.EndingNames()}
	case fault.StaleKeepAlive:
		return map[string][]string{"how": {fakeprovider.Reset.String(), fakeprovider.Cut.String()}}
	case fault.TLSAlert:
		return map[string][]string{"alert": fault.TLSAlerts()}
	case fault.HTTP2ResetStream:
		return map[string][]string{"code": fakeprovider.HTTP2Codes()}
	case fault.HTTP2GoAway:
		return map[string][]string{"code": fakeprovider.HTTP2Codes(), "stream": fault.GoAwayStreams()}
	}
	return nil
}

// frameKinds are the frames that need no more than a text.
func frameKinds() []string {
	return slices.DeleteFunc(fakeprovider.FrameNames(), func(name string) bool {
		return fakeprovider.SendFrame{Kind: name}.Validate() != nil
	})
}

// checkWords reports words that are not among those known. main is the argument that may stand alone.
func checkWords(n *strictyaml.Node, part any, main string) {
	known := words(part)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if f, ok := n.Field(name); ok {
			f.Value.OneOf(name, known[name])
		} else if name == main && n.Kind() == strictyaml.String {
			n.OneOf(name, known[name])
		}
	}
}
