package fault_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestFaultsAreSound(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		if info.Title == "" || info.Why == "" || len(info.Issues) == 0 {
			t.Errorf("%s is not documented", info.Name)
		}
		for _, issue := range info.Issues {
			if !strings.HasPrefix(issue, "https://github.com/") {
				t.Errorf("%s: %s is no link", info.Name, issue)
			}
		}
		if v, ok := info.Default.(fakeprovider.Validator); ok && v.Validate() != nil {
			t.Errorf("%s: default: %v", info.Name, v.Validate())
		}
		if err := info.Default.Script().Validate(); err != nil {
			t.Errorf("%s: script: %v", info.Name, err)
		}
		got, err := fault.ByName(info.Name)
		if err != nil || got.Title != info.Title {
			t.Errorf("%s is not found by its name: %v", info.Name, err)
		}
	}
	// A zero field means the default, so a fault without any is the default one.
	for _, info := range fault.All() {
		zero, ok := reflect.TypeAssert[fakeprovider.Fault](reflect.Zero(reflect.TypeOf(info.Default)))
		if !ok {
			t.Fatalf("%s: %T is no fault", info.Name, info.Default)
		}
		if diff := cmp.Diff(virtually(t, info.Default), virtually(t, zero)); diff != "" {
			t.Errorf("%s: (-default +zero):\n%s", info.Name, diff)
		}
	}
}
