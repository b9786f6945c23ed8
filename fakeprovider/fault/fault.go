package fault

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// All returns the Info of every fault that ships, in the order of `list faults`. A program with
// faults of its own appends their Info.
func All() []fakeprovider.Info { return slices.Clone(all()) }

// all is the registry, a literal list.
//
//nolint:gochecknoglobals // computed once, never changed
var all = sync.OnceValue(func() []fakeprovider.Info {
	return []fakeprovider.Info{
		fakeprovider.Healthy{}.Info(),
		HeartbeatOnly{}.Info(),
		Silence{}.Info(),
		NoResponse{}.Info(),
		SlowTrickle{}.Info(),
		MidStreamDrop{}.Info(),
		RateLimited{}.Info(),
		// Connection
		Refused{}.Info(),
		DNSNotFound{}.Info(),
		DNSServerFailure{}.Info(),
		DNSSlow{}.Info(),
		ConnectBlackhole{}.Info(),
		RequestUnread{}.Info(),
		TLSHandshakeStall{}.Info(),
		TLSExpiredCertificate{}.Info(),
		TLSWrongHost{}.Info(),
		TLSUnknownAuthority{}.Info(),
		TLSAlert{}.Info(),
		TLSBadRecord{}.Info(),
		ResetBeforeHeaders{}.Info(),
		CloseBeforeHeaders{}.Info(),
		StaleKeepAlive{}.Info(),
		ResetMidBody{}.Info(),
		EarlyEnd{}.Info(),
		HalfOpen{}.Info(),
		Latency{}.Info(),
		HTTP2ResetStream{}.Info(),
		HTTP2GoAway{}.Info(),
		HTTP2SettingsStall{}.Info(),
		HTTP2WindowStall{}.Info(),
		ProxyRefuses{}.Info(),
		ProxyHangs{}.Info(),
		// Stream
		Bandwidth{}.Info(),
		LengthAndChunks{}.Info(),
		MalformedJSON{}.Info(),
		// The stream of events.
		CommentOnly{}.Info(),
		PingOnly{}.Info(),
		StartOnly{}.Info(),
		RoleOnly{}.Info(),
		EmptyDeltas{}.Info(),
		ThinkingOnly{}.Info(),
		PingsAfterContent{}.Info(),
		TrickleInFrame{}.Info(),
		StallAfterFirstToken{}.Info(),
		BurstThenStall{}.Info(),
		LateRecovery{}.Info(),
		CutInFrame{}.Info(),
		CutInTerminal{}.Info(),
		SplitUTF8{}.Info(),
		SplitCRLF{}.Info(),
		TinyWrites{}.Info(),
		OneSegment{}.Info(),
		MissingDone{}.Info(),
		MissingFinish{}.Info(),
		DoubleTerminal{}.Info(),
		EarlyTerminal{}.Info(),
		DuplicatedEvents{}.Info(),
		ReplayedPrefix{}.Info(),
		ReorderedEvents{}.Info(),
		ErrorBeforeContent{}.Info(),
		ErrorAfterContent{}.Info(),
		BareError{}.Info(),
		HugeEvent{}.Info(),
		CRLF{}.Info(),
		LoneCR{}.Info(),
		BOM{}.Info(),
		MixedEndings{}.Info(),
		NoSpaceAfterColon{}.Info(),
		RetryAndIDFields{}.Info(),
		MultiLineData{}.Info(),
		CommentsBetween{}.Info(),
		UnknownEvents{}.Info(),
		EventsAfterTerminal{}.Info(),
		DoneTwice{}.Info(),
		WhitespaceBeforeJSON{}.Info(),
		// What is said in it.
		EmptyAnswer{}.Info(),
		LengthLimit{}.Info(),
		ModelRefusal{}.Info(),
		ContentFilter{}.Info(),
		PauseTurn{}.Info(),
		ToolCallTruncated{}.Info(),
		ToolCallInvalidJSON{}.Info(),
		ToolCallUnknown{}.Info(),
		ToolUseWithStop{}.Info(),
		WrongModel{}.Info(),
		UsageMissing{}.Info(),
		UsageZero{}.Info(),
		UsageTwice{}.Info(),
		SchemaDrift{}.Info(),
		Repetition{}.Info(),
		WrongWire{}.Info(),
		// HTTP
		RetryAfterSeconds{}.Info(),
		RetryAfterLong{}.Info(),
		RetryAfterDate{}.Info(),
		RetryAfterFraction{}.Info(),
		RetryAfterNegative{}.Info(),
		RetryAfterGarbage{}.Info(),
		RetryAfterAbsurd{}.Info(),
		RetryAfterMS{}.Info(),
		ShouldRetry{}.Info(),
		QuotaExhausted{}.Info(),
		LimitsSpent{}.Info(),
		ServerError{}.Info(),
		Overloaded{}.Info(),
		RetryableStatus{}.Info(),
		Unauthorized{}.Info(),
		Forbidden{}.Info(),
		PaymentRequired{}.Info(),
		ModelNotFound{}.Info(),
		RequestTooLarge{}.Info(),
		ContextLengthExceeded{}.Info(),
		BadRequest{}.Info(),
		EdgePage{}.Info(),
		ErrorInside200{}.Info(),
		HTMLInside200{}.Info(),
		WholeAnswerForStream{}.Info(),
		EmptyBody{}.Info(),
		NoContent{}.Info(),
		RedirectElsewhere{}.Info(),
		RedirectLoop{}.Info(),
		RedirectDowngrade{}.Info(),
		ChunkGarbage{}.Info(),
		ChunkCut{}.Info(),
		LengthTooLong{}.Info(),
		LengthTooShort{}.Info(),
		OversizedHeaders{}.Info(),
		Informational{}.Info(),
		ContinueStall{}.Info(),
		HTTP10{}.Info(),
		GzipStream{}.Info(),
		Buffered{}.Info(),
		TrailerError{}.Info(),
	}
})

// ErrNoSuchFault reports a name that no fault has.
var ErrNoSuchFault = errors.New("no such fault")

// ByName returns the Info of the fault of that name, or ErrNoSuchFault.
func ByName(name string) (fakeprovider.Info, error) {
	for _, info := range all() {
		if info.Name == name {
			return info, nil
		}
	}
	return fakeprovider.Info{}, fmt.Errorf("%w: %q", ErrNoSuchFault, name)
}
