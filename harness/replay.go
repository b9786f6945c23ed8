package harness

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/scenarios"
)

// replay returns the line of Go that makes the run again, and the command of the test that holds it
// if tb is one of go test.
func (t *Trial) replay(tb T) string {
	var b strings.Builder
	fmt.Fprintf(&b, "replay: harness.Run(t, %s, …, harness.WithSeed(%d)", played(t.Scenario), t.Timeline.Run.Seed)
	if clock, err := ParseClock(t.Timeline.Run.Clock); err == nil && clock.wall {
		if clock.Speed() == 1 {
			b.WriteString(", harness.WithClock(harness.Wall())")
		} else {
			fmt.Fprintf(&b, ", harness.WithClock(harness.Accelerated(%g))", clock.Speed())
		}
	}
	b.WriteString(")")
	if named, ok := tb.(interface{ Name() string }); ok && isTest.MatchString(named.Name()) {
		fmt.Fprintf(&b, ", as in go test -run '%s'", testPattern(named.Name()))
	}
	return b.String()
}

// isTest matches the names that go test gives. Those of Ginkgo are sentences.
var isTest = regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)\S*$`)

// testPattern returns the pattern that selects one test or subtest, for a shell's single quotes.
func testPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.ReplaceAll(strings.Join(parts, "/"), "'", `'\''`)
}

// played returns a scenario as Run takes it: the name of one of the catalogue, the literal of a
// single fault, or a word for one that only the test has.
func played(s scenarios.Scenario) string {
	if s.SHA256 != "" {
		if shipped, err := scenarios.Find(s.Name); err == nil && shipped.SHA256 == s.SHA256 {
			return fmt.Sprintf("%q", s.Name)
		}
	}
	if strings.HasPrefix(s.Name, faultPrefix) && len(s.Providers) > 0 && len(s.Providers[0].OnRequest) == 1 {
		return literal(reflect.ValueOf(s.Providers[0].OnRequest[0]))
	}
	return "scenario"
}

// literal returns a value as Go writes it, without the fields that are zero. What cannot be written
// is an ellipsis.
func literal(v reflect.Value) string {
	if !v.IsValid() {
		return "nil"
	}
	if d, ok := reflect.TypeAssert[time.Duration](v); ok {
		return durationLiteral(d)
	}
	var inner []string
	switch v.Kind() { //nolint:exhaustive // the others are the default
	case reflect.Interface:
		return literal(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return "new(" + literal(v.Elem()) + ")"
	case reflect.Struct:
		for field, value := range v.Fields() {
			if field.IsExported() && !value.IsZero() {
				inner = append(inner, field.Name+": "+literal(value))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			inner = append(inner, literal(v.Index(i)))
		}
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Func, reflect.Chan, reflect.Map, reflect.UnsafePointer:
		return "…"
	default:
		return fmt.Sprint(v.Interface())
	}
	return v.Type().String() + "{" + strings.Join(inner, ", ") + "}"
}

// durationLiteral returns a duration in the largest unit that has no fraction of it.
func durationLiteral(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{
		{time.Hour, "Hour"},
		{time.Minute, "Minute"},
		{time.Second, "Second"},
		{time.Millisecond, "Millisecond"},
		{time.Microsecond, "Microsecond"},
	} {
		if d%u.size == 0 {
			return fmt.Sprintf("%d * time.%s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
