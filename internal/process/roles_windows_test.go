package process_test

// playUnix has the roles that need Unix.
func playUnix(name, argument string) int { return playLinux(name, argument) }
