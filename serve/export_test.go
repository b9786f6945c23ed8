package serve

// Query shows tests what the journal keeps of a query.
func Query(raw string) string { return queryOf(raw) }
