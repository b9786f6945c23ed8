package failover

import (
	"reflect"
	"time"
)

// Scaled returns the policy for a world whose time runs factor times faster. It divides every
// duration by factor, and also the waits that providers ask for in a Retry-After. A factor of 0 or
// less counts as 1.
func (p Policy) Scaled(factor float64) Policy {
	if factor <= 0 {
		factor = 1
	}
	scaled := reflect.New(reflect.TypeFor[Policy]()).Elem()
	scaled.Set(scale(reflect.ValueOf(p), factor))
	out, _ := reflect.TypeAssert[Policy](scaled)
	out.speed = p.pace() * factor
	return out
}

// pace returns how many times faster than the provider's clock the policy's time runs.
func (p Policy) pace() float64 {
	if p.speed == 0 {
		return 1
	}
	return p.speed
}

// scale returns a copy of a value with every duration in it divided by factor.
func scale(v reflect.Value, factor float64) reflect.Value {
	if d, ok := reflect.TypeAssert[time.Duration](v); ok {
		return reflect.ValueOf(time.Duration(float64(d) / factor))
	}
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() { //nolint:exhaustive // the rest holds no durations
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(scale(v.Field(i), factor))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			break
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(scale(v.Index(i), factor))
		}
	case reflect.Map:
		if v.IsNil() {
			break
		}
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for _, key := range v.MapKeys() {
			out.SetMapIndex(key, scale(v.MapIndex(key), factor))
		}
	}
	return out
}
