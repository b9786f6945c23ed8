package fault_test

import (
	"errors"
	"net"
	"syscall"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	shows(t, fault.Refused{},
		"@ 0s\n= dial: connect: connection refused",
		"plain: request: connect: connection refused",
	)
}

// The refusal of the virtual world is the kernel's.
func TestRefusedIsWhatTheKernelSays(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // nobody listens there now
	_, kernel := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	p := fakeprovider.New(fakeprovider.Options{
		Protocol: protocol.OpenAIChat{}, OnRequest: []fakeprovider.Fault{fault.Refused{}},
	})
	defer p.Close()
	_, ours := p.Dial(t.Context(), "tcp", address, new(net.Dialer).DialContext)
	if !errors.Is(kernel, syscall.ECONNREFUSED) || !errors.Is(ours, syscall.ECONNREFUSED) ||
		kernel.Error() != ours.Error() {
		t.Errorf("the kernel says %v, the fault %v", kernel, ours)
	}
}
