package serve

// Query exports queryOf for tests.
func Query(raw string) string { return queryOf(raw) }
