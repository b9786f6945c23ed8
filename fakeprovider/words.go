package fakeprovider

// A Worded step, fault or expectation has parameters that take one of a few words. Files that name another are refused with a
// suggestion, and editors offer the list.
type Worded interface {
	// Words returns the words of each such parameter, by its key in files. Validate refuses other words as well.
	Words() map[string][]string
}

// A ProtocolName is a parameter that takes the name of a protocol; which there are, a vocabulary says.
type ProtocolName string
