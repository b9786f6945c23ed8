package fault

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"maps"
	"net"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TLSAlert answers the client's hello with an alert.
type TLSAlert struct {
	// Alert is which, in the words of RFC 8446 §6.2: handshake_failure, internal_error,
	// protocol_version and others. Default handshake_failure.
	Alert string `yaml:"alert"`
}

var (
	_ fakeprovider.Accepter  = TLSAlert{}
	_ fakeprovider.Validator = TLSAlert{}
)

const defaultAlert = "handshake_failure"

// tlsAlerts maps the alerts that a server may end a handshake with to their numbers (RFC 8446 §6).
//
//nolint:gochecknoglobals // an immutable table
var tlsAlerts = map[string]byte{
	"handshake_failure": 40, "illegal_parameter": 47, "access_denied": 49, "decode_error": 50, "protocol_version": 70,
	"insufficient_security": 71, "internal_error": 80, "unrecognized_name": 112, "no_application_protocol": 120,
}

// TLSAlerts returns the values of TLSAlert.Alert.
func TLSAlerts() []string { return slices.Sorted(maps.Keys(tlsAlerts)) }

// Info describes the fault.
func (TLSAlert) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C7"}, Name: "tls-alert", Title: "The server ends the TLS handshake with an alert",
		Why: "Two that share no cipher or version never will; a server that is being restarted says internal_error " +
			"for a second. Engines know neither and file both under the network.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ask the next provider, and retry only after internal_error.",
		},
		Issues: []string{"https://github.com/openclaw/openclaw/issues/111817"},
		Needs:  fakeprovider.NeedsTLS, Default: TLSAlert{Alert: defaultAlert},
	}
}

// Validate refuses an alert that does not exist.
func (p TLSAlert) Validate() error { return oneOf("tls-alert", "alert", p.Alert, TLSAlerts()) }

// Script returns nil, because no request arrives.
func (TLSAlert) Script() fakeprovider.Script { return nil }

// The parts of a TLS record (RFC 8446 §5.1) and of an alert in it.
const (
	recordHeader      = 5
	recordAlert       = 0x15
	recordApplication = 0x17
	alertFatal        = 2
)

// Accept reads one record, the client's hello, and sends the alert.
func (p TLSAlert) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	release := c.Unblock(ctx)
	defer release()
	head := make([]byte, recordHeader)
	if _, err := io.ReadFull(c, head); err != nil {
		return nil, nil //nolint:nilnil // the client is gone
	}
	if _, err := io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint16(head[3:]))); err != nil {
		return nil, nil //nolint:nilnil // likewise
	}
	// What is written to a client that has gone is lost, and it has gone either way.
	_, _ = c.Write(tlsRecord(recordAlert, []byte{alertFatal, tlsAlerts[cmp.Or(p.Alert, defaultAlert)]}))
	c.Cut()
	return nil, nil //nolint:nilnil // the connection has been dealt with
}

// tlsRecord returns a record as every version since 1.2 marks it.
func tlsRecord(kind byte, payload []byte) []byte {
	//nolint:gosec // records of ours are short
	return append(binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(len(payload))), payload...)
}

// Words returns the words that scenario files may use.
func (TLSAlert) Words() map[string][]string {
	return map[string][]string{"alert": TLSAlerts()}
}
