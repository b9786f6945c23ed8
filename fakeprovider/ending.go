package fakeprovider

import (
	"encoding"
	"fmt"
)

// An Ending says how an exchange ends on the wire.
type Ending uint8

const (
	// EOF ends the response in good order: with a final chunk, or with all of the announced
	// length.
	EOF Ending = iota + 1
	// Cut closes the connection in the middle of the body. Clients read "unexpected EOF", or
	// "EOF" before the head.
	Cut
	// Reset resets the connection. Clients read ECONNRESET.
	Reset
	// Hang sends nothing more and keeps the connection open until the client goes away.
	Hang
)

var (
	_ encoding.TextMarshaler   = Ending(0)
	_ encoding.TextUnmarshaler = (*Ending)(nil)
)

// endingNames holds the names in the order of the constants.
//
//nolint:gochecknoglobals // an immutable table
var endingNames = [...]string{"", "eof", "cut", "reset", "hang"}

// EndingNames returns the names of all endings, as scenarios write them.
func EndingNames() []string { return append([]string(nil), endingNames[1:]...) }

// String returns the ending's name.
func (e Ending) String() string {
	if e == 0 || int(e) >= len(endingNames) {
		return fmt.Sprintf("ending(%d)", uint8(e))
	}
	return endingNames[e]
}

// MarshalText returns the ending's name. The zero ending is an error.
func (e Ending) MarshalText() ([]byte, error) {
	if e == 0 || int(e) >= len(endingNames) {
		return nil, fmt.Errorf("fakeprovider: no such ending: %d", uint8(e))
	}
	return []byte(endingNames[e]), nil
}

// UnmarshalText parses an ending's name.
func (e *Ending) UnmarshalText(text []byte) error {
	for i, name := range endingNames {
		if i > 0 && name == string(text) {
			*e = Ending(i)
			return nil
		}
	}
	return fmt.Errorf("fakeprovider: no such ending: %q", text)
}
