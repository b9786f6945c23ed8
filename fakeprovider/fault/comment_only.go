package fault

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// CommentOnly keeps the stream open with comments, whatever the vendor's own heartbeat is.
type CommentOnly struct {
	// Text follows the colon and a space. Default "OPENROUTER PROCESSING", as that gateway has it.
	Text string `yaml:"text"`
	// Every is the time between comments. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = CommentOnly{}
	_ fakeprovider.Paced     = CommentOnly{}
	_ fakeprovider.Validator = CommentOnly{}
)

const defaultComment = "OPENROUTER PROCESSING"

// Info describes the fault.
func (CommentOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S1"}, Name: "comment-only",
		Title: "Comments keep the stream open and no token ever arrives",
		Why: "A gateway says that it is still waiting, in lines that parsers have to skip. Each of them is traffic " +
			"for a timeout that counts bytes, and parsers that take them for events fail.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline on content that no comment moves, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/docker/docker-agent/issues/2349",
			"https://github.com/NousResearch/hermes-agent/issues/103571",
		},
		Default: CommentOnly{Text: defaultComment, Every: defaultHeartbeat},
	}
}

// Validate refuses a negative time and a text of several lines.
func (p CommentOnly) Validate() error {
	return errors.Join(notNegative("comment-only", "every", p.Every), fakeprovider.Comment{Text: p.Text}.Validate())
}

// Pace returns the pause between comments.
func (p CommentOnly) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p CommentOnly) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends the headers, then comments without end.
func (p CommentOnly) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Repeat{
		Every: cmp.Or(p.Every, defaultHeartbeat),
		Steps: fakeprovider.Script{fakeprovider.Comment{Text: cmp.Or(p.Text, defaultComment)}},
	}}
}
