package fakeprovider

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"
)

// PresetInfo documents a preset. Default holds every parameter's default, so a loader decodes over a copy of it.
type PresetInfo struct {
	// Name is the preset's name in scenarios and in `list faults`.
	Name string
	// Title says in one line what happens.
	Title string
	// Why says what a client can get wrong about it.
	Why string
	// Correct is what a good client or engine does about it.
	Correct string
	// IDs are its rows in the taxonomy of docs/FAULTS.md, "C4" for instance: C for the connection, H for HTTP, S for the
	// stream of events, M for what is said in it.
	IDs []string
	// Issues are public threads that show it happening.
	Issues []string
	// Cannot says for each world where the fault cannot be had why that is so.
	Cannot map[World]string
	// Needs is what it asks of the connection.
	Needs Need
	// HTTP1 says that it takes the connection for itself, which requests share over HTTP/2: it needs HTTP/1.1.
	HTTP1 bool
	// StreamOnly says why it cannot be had in a response that is not streamed; empty where it can.
	StreamOnly string
	// Proxied says that it happens at a proxy between the client and the provider, which the client has to go through.
	Proxied bool
	// Default is the preset with its defaults.
	Default Preset
}

// Presets returns every preset that has a name, in the order in which `list faults` shows them.
func Presets() []PresetInfo { return slices.Clone(presets()) }

// presets is the registry: a literal list, made once.
//
//nolint:gochecknoglobals // computed once, never changed
var presets = sync.OnceValue(func() []PresetInfo {
	return []PresetInfo{
		healthyInfo(),
		heartbeatOnlyInfo(),
		silenceInfo(),
		noResponseInfo(),
		slowTrickleInfo(),
		midStreamDropInfo(),
		rateLimitedInfo(),
		// Connection
		refusedInfo(),
		dnsNotFoundInfo(),
		dnsServerFailureInfo(),
		dnsSlowInfo(),
		connectBlackholeInfo(),
		requestUnreadInfo(),
		tlsHandshakeStallInfo(),
		tlsExpiredCertificateInfo(),
		tlsWrongHostInfo(),
		tlsUnknownAuthorityInfo(),
		tlsAlertInfo(),
		tlsBadRecordInfo(),
		resetBeforeHeadersInfo(),
		closeBeforeHeadersInfo(),
		staleKeepAliveInfo(),
		resetMidBodyInfo(),
		earlyEndInfo(),
		halfOpenInfo(),
		latencyInfo(),
		http2ResetStreamInfo(),
		http2GoAwayInfo(),
		http2SettingsStallInfo(),
		http2WindowStallInfo(),
		proxyRefusesInfo(),
		proxyHangsInfo(),
		// Stream
		bandwidthInfo(),
		lengthAndChunksInfo(),
		malformedJSONInfo(),
		// The stream of events.
		commentOnlyInfo(),
		pingOnlyInfo(),
		startOnlyInfo(),
		roleOnlyInfo(),
		emptyDeltasInfo(),
		thinkingOnlyInfo(),
		pingsAfterContentInfo(),
		trickleInFrameInfo(),
		stallAfterFirstTokenInfo(),
		burstThenStallInfo(),
		lateRecoveryInfo(),
		cutInFrameInfo(),
		cutInTerminalInfo(),
		splitUTF8Info(),
		splitCRLFInfo(),
		tinyWritesInfo(),
		oneSegmentInfo(),
		missingDoneInfo(),
		missingFinishInfo(),
		doubleTerminalInfo(),
		earlyTerminalInfo(),
		duplicatedEventsInfo(),
		replayedPrefixInfo(),
		reorderedEventsInfo(),
		errorBeforeContentInfo(),
		errorAfterContentInfo(),
		bareErrorInfo(),
		hugeEventInfo(),
		crlfInfo(),
		loneCRInfo(),
		bomInfo(),
		mixedEndingsInfo(),
		noSpaceAfterColonInfo(),
		retryAndIDFieldsInfo(),
		multiLineDataInfo(),
		commentsBetweenInfo(),
		unknownEventsInfo(),
		eventsAfterTerminalInfo(),
		doneTwiceInfo(),
		whitespaceBeforeJSONInfo(),
		// What is said in it.
		emptyAnswerInfo(),
		lengthLimitInfo(),
		modelRefusalInfo(),
		contentFilterInfo(),
		pauseTurnInfo(),
		toolCallTruncatedInfo(),
		toolCallInvalidJSONInfo(),
		toolCallUnknownInfo(),
		toolUseWithStopInfo(),
		wrongModelInfo(),
		usageMissingInfo(),
		usageZeroInfo(),
		usageTwiceInfo(),
		schemaDriftInfo(),
		repetitionInfo(),
		wrongWireInfo(),
		// HTTP
		retryAfterSecondsInfo(),
		retryAfterLongInfo(),
		retryAfterDateInfo(),
		retryAfterFractionInfo(),
		retryAfterNegativeInfo(),
		retryAfterGarbageInfo(),
		retryAfterAbsurdInfo(),
		retryAfterMSInfo(),
		shouldRetryInfo(),
		quotaExhaustedInfo(),
		limitsSpentInfo(),
		serverErrorInfo(),
		overloadedInfo(),
		retryableStatusInfo(),
		unauthorizedInfo(),
		forbiddenInfo(),
		paymentRequiredInfo(),
		modelNotFoundInfo(),
		requestTooLargeInfo(),
		contextLengthExceededInfo(),
		badRequestInfo(),
		edgePageInfo(),
		errorInside200Info(),
		htmlInside200Info(),
		wholeAnswerForStreamInfo(),
		emptyBodyInfo(),
		noContentInfo(),
		redirectElsewhereInfo(),
		redirectLoopInfo(),
		redirectDowngradeInfo(),
		chunkGarbageInfo(),
		chunkCutInfo(),
		lengthTooLongInfo(),
		lengthTooShortInfo(),
		oversizedHeadersInfo(),
		informationalInfo(),
		continueStallInfo(),
		http10Info(),
		gzipStreamInfo(),
		bufferedInfo(),
		trailerErrorInfo(),
	}
})

// ErrNoSuchPreset says that no preset has the name that was asked for.
var ErrNoSuchPreset = errors.New("fakeprovider: no such fault")

// PresetByName returns the preset of that name, or ErrNoSuchPreset.
func PresetByName(name string) (PresetInfo, error) {
	for _, info := range presets() {
		if info.Name == name {
			return info, nil
		}
	}
	return PresetInfo{}, fmt.Errorf("%w: %q", ErrNoSuchPreset, name)
}

// infoOf is what is known of a preset with a name.
func infoOf(p Preset) (PresetInfo, bool) {
	for _, info := range presets() {
		if reflect.TypeOf(info.Default) == reflect.TypeOf(p) {
			return info, true
		}
	}
	return PresetInfo{}, false
}

// notFewer is the check that every number among the parameters goes through.
func notFewer(preset, field string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s: %s is %d, want 1 or more", preset, field, n)
	}
	return nil
}

// notNegative is the check that every duration among the parameters goes through.
func notNegative(preset, field string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %s is %s, want 0 or more", preset, field, d)
	}
	return nil
}
