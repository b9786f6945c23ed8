package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestTrailerError(t *testing.T) {
	t.Parallel()
	shows(t, fault.TrailerError{},
		`| Trailer: Grpc-Status, Grpc-Message\r\n`,
		`| Grpc-Status: 14\r\n`,
		"Grpc-Status: 14",
	)
	bounds(t, fault.TrailerError{})
	also(t, fault.TrailerError{Code: 8}, `| Grpc-Status: 8\r\n`)
	refuses(t, fault.TrailerError{Code: 17}, "trailer-error: code is 17, want 1 to 16")
	undoesRaw(t, fault.TrailerError{}, wholeBody)
}
