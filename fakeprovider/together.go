package fakeprovider

import (
	"errors"
	"fmt"
)

// An Overlay is a Fault that damages whatever is played under it. By itself it damages an answer that is all right.
type Overlay interface {
	Fault
	// Lay is played before the script under it.
	Lay() Script
}

// A Bedded overlay wants another answer under it than Healthy where nothing else is there.
type Based interface{ Base() Fault }

// A slicer is an overlay that does not pass frames on as they are, one by one. Those that look at a frame have to come before it.
type Slicer interface {
	Overlay
	Slices()
}

// under is what is played under an overlay by itself.
func Alone(o Overlay) Script {
	if b, ok := o.(Based); ok {
		return Over(o, b.Base())
	}
	return Over(o, Healthy{})
}

// over is an overlay with something under it.
func Over(o Overlay, under Fault) Script {
	return append(append(Script{}, o.Lay()...), under.Script()...)
}

// An Exclusive overlay has something for itself that another one cannot have as well, "framing" for instance.
type Exclusive interface{ Claims() string }

// Together is several faults at once: overlays in their order, over the one part that is none, or over Healthy. Those that cut
// frames into pieces act on what all others have made of them.
type Together []Fault

var (
	_ Fault     = Together{}
	_ Validator = Together{}
)

// base says whether a part is played under the others.
func base(part Fault) bool {
	_, overlay := part.(Overlay)
	return !overlay
}

// Script lays the overlays over the base. It is nil where a part never gets to a script.
func (t Together) Script() Script {
	var script, last Script
	var bed, whole Fault = Healthy{}, nil
	for _, part := range t {
		if base(part) {
			whole = part
			continue
		}
		if b, ok := part.(Based); ok {
			bed = b.Base()
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
		whole = bed
	}
	return append(script, whole.Script()...)
}

// Validate refuses what cannot happen to one attempt at once.
func (t Together) Validate() error {
	var errs []error
	if len(t) < 2 {
		errs = append(errs, errors.New("together: want two faults or more"))
	}
	bases, has, names := "", map[string]string{}, map[string]bool{}
	for _, part := range t {
		switch part.(type) {
		case nil, Limited, Together:
			errs = append(errs, errors.New("together: a part has no limits and no parts of its own: limits stand beside together"))
			continue
		}
		name := NameOf(part)
		if names[name] {
			errs = append(errs, fmt.Errorf("together: %s stands here twice", name))
		}
		names[name] = true
		errs = append(errs, validate(part))
		if part.Script() == nil {
			errs = append(errs, fmt.Errorf("together: after %s nothing else can happen, because no request is answered", name))
			continue
		}
		if base(part) {
			if bases != "" {
				errs = append(errs, fmt.Errorf("together: %s and %s each are a whole response; one of them has to go", bases, name))
			}
			bases = name
		}
		if e, ok := part.(Exclusive); ok {
			if other := has[e.Claims()]; other != "" {
				errs = append(errs, fmt.Errorf("together: %s and %s both decide the %s; one of them has to go", other, name, e.Claims()))
			}
			has[e.Claims()] = name
		}
	}
	return errors.Join(errs...)
}
