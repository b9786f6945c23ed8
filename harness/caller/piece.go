package caller

// A Kind says what a Piece is.
type Kind uint8

const (
	// Text is a piece of the answer.
	Text Kind = iota + 1
	// Thinking is a piece of reasoning.
	Thinking
	// ToolCall is a piece of a tool call: Name, or a part of the arguments in Text, a JSON text.
	// Index is the call's number.
	ToolCall
	// Refusal says that the model refused. Text is a piece of what it said, or "".
	Refusal
	// Model is the model's name.
	Model
	// Usage is the number of tokens so far, Input and Output.
	Usage
	// Finish is the finish reason, in the vendor's word.
	Finish
	// Mark is the terminal mark of a stream. What comes after it is ignored.
	Mark
)

// A Piece is one thing that a response says.
type Piece struct {
	Kind          Kind
	Text          string
	Name          string
	Index         int
	Input, Output int
}

// A taker receives the pieces of a response, in order.
type taker func(Piece)

func (t taker) text(kind Kind, s string) {
	if s != "" {
		t(Piece{Kind: kind, Text: s})
	}
}

func (t taker) call(index int, name, arguments string) {
	if name+arguments != "" {
		t(Piece{Kind: ToolCall, Index: index, Name: name, Text: arguments})
	}
}

func (t taker) refuse() { t(Piece{Kind: Refusal}) }

func (t taker) usage(input, output int) {
	if input+output > 0 {
		t(Piece{Kind: Usage, Input: input, Output: output})
	}
}

func (t taker) mark() { t(Piece{Kind: Mark}) }
