package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestPaymentRequired(t *testing.T) {
	t.Parallel()
	shows(t, fault.PaymentRequired{}, "HTTP/1.1 402 Payment Required", "Insufficient Balance")
}
