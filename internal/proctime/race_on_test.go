//go:build linux && (amd64 || arm64) && race

package proctime_test

// raceDetector says whether the test was built with -race.
const raceDetector = true
