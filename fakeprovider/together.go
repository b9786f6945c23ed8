package fakeprovider

import (
	"errors"
	"fmt"
)

// An Overlay is a Fault that damages the response of another script. By itself it damages a
// healthy answer.
type Overlay interface {
	Fault
	// Lay returns the steps that are played before the other script. They install the damage.
	Lay() Script
}

// A Based overlay supplies its own base response; others sit on Healthy.
type Based interface {
	// Base returns the response that the overlay damages by itself.
	Base() Fault
}

// A Slicer is an Overlay that cuts or joins frames. Together applies it after the overlays that
// look at whole frames.
type Slicer interface {
	Overlay
	// Slices marks the overlay. It does nothing.
	Slices()
}

// Alone returns the script of an overlay by itself, over its base response.
func Alone(o Overlay) Script {
	if b, ok := o.(Based); ok {
		return Over(o, b.Base())
	}
	return Over(o, Healthy{})
}

// Over returns the script of an overlay over the response of another fault.
func Over(o Overlay, under Fault) Script {
	return append(append(Script{}, o.Lay()...), under.Script()...)
}

// An Exclusive overlay decides something that only one overlay can decide, for example the
// framing.
type Exclusive interface {
	// Claims names what the overlay decides. Together refuses two overlays with the same claim.
	Claims() string
}

// Together plays several faults at once: overlays in their order, over the one part that is no
// overlay, or over Healthy. A Slicer acts after all other overlays.
type Together []Fault

var (
	_ Fault     = Together{}
	_ Validator = Together{}
)

// isBase reports whether a part is a whole response, which the others damage.
func isBase(part Fault) bool {
	_, overlay := part.(Overlay)
	return !overlay
}

// Script lays the overlays over the base response.
func (t Together) Script() Script {
	var script, last Script
	var fallback, whole Fault = Healthy{}, nil
	for _, part := range t {
		if isBase(part) {
			whole = part
			continue
		}
		if b, ok := part.(Based); ok {
			fallback = b.Base()
		}
		switch o := part.(type) {
		case Slicer:
			last = append(last, o.Lay()...)
		case Overlay:
			script = append(script, o.Lay()...)
		}
	}
	script = append(script, last...)
	if whole == nil {
		whole = fallback
	}
	return append(script, whole.Script()...)
}

// Validate refuses faults that cannot happen to one attempt at once.
func (t Together) Validate() error {
	var errs []error
	if len(t) < 2 {
		errs = append(errs, errors.New("together: want two faults or more"))
	}
	bases, has, names := "", map[string]string{}, map[string]bool{}
	for _, part := range t {
		switch part.(type) {
		case nil, Limited, Together:
			errs = append(errs,
				errors.New("together: a part has no limits and no parts of its own: limits stand beside together"))
			continue
		}
		name := NameOf(part)
		if names[name] {
			errs = append(errs, fmt.Errorf("together: %s stands here twice", name))
		}
		names[name] = true
		errs = append(errs, validate(part))
		if part.Script() == nil {
			errs = append(errs,
				fmt.Errorf("together: after %s nothing else can happen, because no request is answered", name))
			continue
		}
		if isBase(part) {
			if bases != "" {
				errs = append(errs,
					fmt.Errorf("together: %s and %s each are a whole response; one of them has to go", bases, name))
			}
			bases = name
		}
		if e, ok := part.(Exclusive); ok {
			if other := has[e.Claims()]; other != "" {
				errs = append(errs, fmt.Errorf("together: %s and %s both decide the %s; one of them has to go", other,
					name, e.Claims()))
			}
			has[e.Claims()] = name
		}
	}
	return errors.Join(errs...)
}
