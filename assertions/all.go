package assertions

// All returns one value of every expectation that ships, in the order in which `list expectations`
// shows them. A program with its own appends them to a scenarios.Vocabulary.
func All() []Expectation {
	return []Expectation{
		Answer{},
		Attempts{},
		ClientWire{},
		ConnectionClosed{},
		HangUp{},
		NoFallback{},
		NoLeaks{},
		TimeToAnswer{},
		TimeToFallback{},
		TimeToFirstContent{},
	}
}
