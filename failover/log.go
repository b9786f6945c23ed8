package failover

import (
	"context"
	"log/slog"
)

var _ slog.LogValuer = Decision{}

// LogValue returns the decision as a group without empty attributes. Times are offsets from the
// call's start, because a clock in virtual time shows the year 2000.
func (d Decision) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int("call", d.Call), slog.Duration("at", d.At)}
	if d.Provider != "" {
		attrs = append(attrs, slog.String("provider", d.Provider))
	}
	if d.Attempt > 0 {
		attrs = append(attrs, slog.Int("attempt", d.Attempt))
	}
	if d.Reason != "" {
		attrs = append(attrs, slog.String("reason", string(d.Reason)))
	}
	if d.Wait > 0 {
		attrs = append(attrs, slog.Duration("wait", d.Wait))
	}
	if d.Remaining > 0 {
		attrs = append(attrs, slog.Duration("remaining", d.Remaining))
	}
	if d.Detail != "" {
		attrs = append(attrs, slog.String("detail", d.Detail))
	}
	return slog.GroupValue(attrs...)
}

// level returns a decision's log level: debug for normal progress, info for what costs time, warn
// for what ends an attempt or leaves a provider, and error for a failed call.
func (d Decision) level() slog.Level {
	switch d.Action { //nolint:exhaustive // those of newer knobs are worth knowing
	case ActionAsk, ActionAnswered:
		return slog.LevelDebug
	case ActionKill, ActionKillMissed, ActionOpen, ActionFallBack, ActionAccept:
		return slog.LevelWarn
	case ActionGiveUp:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// LogDecisions returns a [Config.OnDecision] that writes each decision as one record. The message
// is the action, and the attributes are the rest. It is as safe for concurrent use, and as fast, as
// the logger's handler.
func LogDecisions(logger *slog.Logger) func(Decision) {
	return func(d Decision) {
		logger.LogAttrs(context.Background(), d.level(), string(d.Action), slog.Attr{Value: d.LogValue()})
	}
}
