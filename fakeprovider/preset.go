package fakeprovider

import (
	"errors"
	"fmt"
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
	// Issues are public threads that show it happening.
	Issues []string
	// Default is the preset with its defaults.
	Default Preset
}

// Presets returns every preset that has a name, in the order in which `list faults` shows them.
func Presets() []PresetInfo {
	return []PresetInfo{
		healthyInfo(),
		heartbeatOnlyInfo(),
		silenceInfo(),
		noResponseInfo(),
		slowTrickleInfo(),
		midStreamDropInfo(),
		rateLimitedInfo(),
	}
}

// ErrNoSuchPreset says that no preset has the name that was asked for.
var ErrNoSuchPreset = errors.New("fakeprovider: no such fault")

// PresetByName returns the preset of that name, or ErrNoSuchPreset.
func PresetByName(name string) (PresetInfo, error) {
	for _, info := range Presets() {
		if info.Name == name {
			return info, nil
		}
	}
	return PresetInfo{}, fmt.Errorf("%w: %q", ErrNoSuchPreset, name)
}

// notNegative is the check that every duration among the parameters goes through.
func notNegative(preset, field string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %s is %s, want 0 or more", preset, field, d)
	}
	return nil
}
