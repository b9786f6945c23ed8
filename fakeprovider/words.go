package fakeprovider

// A Worded step, fault or expectation has parameters that accept only certain words. A scenario
// file with another word is refused with a suggestion, and editors offer the list.
type Worded interface {
	// Words returns the words of each such parameter, by its key in scenario files. Validate
	// refuses other words as well.
	Words() map[string][]string
}

// ProtocolName is a parameter that names a protocol. A scenarios.Vocabulary holds the protocols
// that may be named.
type ProtocolName string
