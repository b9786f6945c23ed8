package assertions

// All returns one value of every expectation, in alphabetical order of their names.
func All() []Expectation {
	return []Expectation{
		Answer{}, Attempts{}, ConnectionClosed{}, NoFallback{}, NoLeaks{}, TimeToAnswer{}, TimeToFallback{}, TimeToFirstContent{},
	}
}
