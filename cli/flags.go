package cli

import (
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// checkFlags refuses an empty value, a flag that is given twice although it takes one value, and a
// negative number. The tag `least` is the smallest allowed number.
func checkFlags(command *kong.Context) error {
	var seen []string
	for _, part := range command.Path {
		f := part.Flag
		if f == nil {
			continue
		}
		if slices.Contains(seen, f.Name) && !f.IsCumulative() && !f.IsBool() {
			return usage("--%s is given twice, and takes one value", f.Name)
		}
		seen = append(seen, f.Name)
		if err := checkFlag(f); err != nil {
			return err
		}
	}
	return nil
}

// checkFlag checks the value of a flag that was given.
func checkFlag(f *kong.Flag) error {
	switch v := f.Target; {
	case v.Kind() == reflect.String && v.String() == "", v.Kind() == reflect.Slice && (v.Len() == 0 || hasEmpty(v)):
		return usage("--%s: its value is empty", f.Name)
	case v.CanInt() && v.Int() < 0:
		return usage("--%s is %v: want 0 or more", f.Name, v.Interface())
	case v.CanInt() && v.Int() == 0 && f.Tag.Get("least") == "1":
		return usage("--%s must be 1 or more, not 0", f.Name)
	}
	return nil
}

func hasEmpty(list reflect.Value) bool {
	for i := range list.Len() {
		if item := list.Index(i); item.Kind() == reflect.String && item.String() == "" {
			return true
		}
	}
	return false
}
