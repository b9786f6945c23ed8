package fakeprovider

import (
	"context"
	"errors"
	"strings"
)

// Comment sends an SSE comment with a text of its own, ": OPENROUTER PROCESSING" for instance. In
// a response that is not streamed it sends nothing.
type Comment struct {
	// Text follows the colon and a space. It is one line. Empty sends a bare colon.
	Text string `yaml:"text"`
}

var (
	_ Step      = Comment{}
	_ Validator = Comment{}
)

// Validate refuses a second line, which would no longer be a comment.
func (s Comment) Validate() error {
	if strings.ContainsAny(s.Text, "\r\n") {
		return errors.New("comment: text has more than one line; use raw for that")
	}
	return nil
}

// Play sends the comment.
func (s Comment) Play(_ context.Context, x Exchange) error {
	return x.Send(Frame{Kind: FrameComment, Text: s.Text})
}
