package fakeprovider

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// recordGathered records gathered content that is sent together with a frame: everything with the
// finish frame, tool calls with any content.
func (x *exchange) recordGathered(now FrameKind) {
	if now != FrameFinish && !now.IsContent() {
		return
	}
	var stay []Frame
	for i := 0; i < len(x.gathered); {
		whole := x.gathered[i]
		if now != FrameFinish && whole.Kind != FrameToolCall {
			stay = append(stay, whole)
			i++
			continue
		}
		for i++; i < len(x.gathered) && x.gathered[i].Kind == whole.Kind && whole.Kind != FrameToolCall; i++ {
			whole.Text += x.gathered[i].Text
		}
		x.record(whole)
	}
	x.gathered = stay
}

// record records a frame as the kind of event that it is.
func (x *exchange) record(f Frame) {
	kind, text, part := timeline.FrameSent, f.Kind.String(), 0
	if f.empty() {
		x.rec.Record(x.lane, kind, text)
		return
	}
	switch f.Kind {
	case FrameText:
		kind, text = timeline.TextSent, f.Text
	case FrameThinking:
		kind, text = timeline.ThinkingSent, f.Text
	case FrameToolCall:
		kind, text = timeline.ToolCallSent, f.Tool.Name+f.Tool.ArgumentsPiece
		part = f.Tool.Index + 1
	case FrameRefusal:
		kind, text = timeline.RefusalSent, f.Text
	case FrameHeartbeat, FrameComment:
		kind, text = timeline.HeartbeatSent, f.Text
	case FrameFinish:
		kind, text = timeline.FinishSent, cmp.Or(f.Text, "stop")
	case FrameError:
		kind, text = timeline.ProblemSent, problemText(f.Failure())
	case FrameStart, FrameUsage, FrameDone:
	}
	x.rec.RecordPart(x.lane, kind, part, text)
}

// problemText returns the text of a ProblemSent event.
func problemText(p Problem) string {
	return strings.Join(slices.DeleteFunc([]string{strconv.Itoa(p.Status), p.Shape, p.Code, p.Message},
		func(s string) bool { return s == "" }), " ")
}
