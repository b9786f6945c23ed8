package fault_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestDNSNotFound(t *testing.T) {
	t.Parallel()
	shows(t, fault.DNSNotFound{},
		"@ 0s\n= dial: lookup HOST: no such host",
		"plain: request: lookup HOST: no such host",
	)
}

func TestDNSServerFailure(t *testing.T) {
	t.Parallel()
	shows(t, fault.DNSServerFailure{},
		"@ 0s\n= dial: lookup HOST: server misbehaving",
		"plain: request: lookup HOST: server misbehaving",
	)
}

func TestDNSSlow(t *testing.T) {
	t.Parallel()
	shows(t, fault.DNSSlow{}, "@ 1m0.4", "data: [DONE]", "plain: 200 OK")
	bounds(t, fault.DNSSlow{})
}

// The errors of names are those of package net, by type and not by text alone.
func TestNamesFailAsPackageNetLetsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault fakeprovider.Fault
		want  net.DNSError
	}{
		{fault.DNSNotFound{}, net.DNSError{Err: "no such host", Name: rig.VirtualHost, IsNotFound: true}},
		{fault.DNSServerFailure{}, net.DNSError{Err: "server misbehaving", Name: rig.VirtualHost, IsTemporary: true}},
		{fault.DNSSlow{}, net.DNSError{Err: "i/o timeout", Name: rig.VirtualHost, IsTimeout: true, IsTemporary: true}},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, tt.fault, protocol.OpenAIChat{}, true)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := s.Dial(ctx, "tcp", s.Address)
			dns, ok := errors.AsType[*net.DNSError](err)
			if !ok {
				t.Fatalf("%T: %v", tt.fault, err)
			}
			if diff := cmp.Diff(tt.want, *dns, cmp.AllowUnexported(net.DNSError{})); diff != "" {
				t.Errorf("%T (-want +got):\n%s", tt.fault, diff)
			}
		})
	}
}
