package scenarios

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
)

//go:embed scenario.schema.json
var schemaText []byte

// A Parameter is one thing that can be set of a fault.
type Parameter struct {
	// Name is its key in files, and Default its default as files write it; "" where nothing is the
	// default.
	Name, Default string
	// Description says what it is, with its unit and where its default comes from.
	Description string
}

// described are the parts of the schema that describe faults.
//
//nolint:gochecknoglobals // computed once, never changed
var described = sync.OnceValue(func() (schema struct {
	Definitions map[string]struct {
		Properties map[string]struct {
			Description string `json:"description"`
		} `json:"properties"`
	} `json:"definitions"`
},
) {
	if err := json.Unmarshal(schemaText, &schema); err != nil {
		panic(err) // that the file is right is the job of this package's tests
	}
	return schema
})

// FaultParameters returns what can be set of a fault, in the order of its fields.
func FaultParameters(fault fakeprovider.Info) []Parameter {
	return parametersOf(faultDefinition+fault.Name, fault.Default)
}

// ExpectationParameters returns what can be set of an expectation, in the order of its fields.
func ExpectationParameters(e assertions.Expectation) []Parameter {
	return parametersOf(expectationDefinition+e.Name(), e)
}

// Faults and expectations are definitions of the schema under these names, followed by their own.
const (
	faultDefinition       = "fault-"
	expectationDefinition = "expect-"
)

// parametersOf reads the fields from a value that holds their defaults, and their descriptions from
// the schema.
func parametersOf(definition string, defaults any) []Parameter {
	properties := described().Definitions[definition].Properties
	v := reflect.ValueOf(defaults)
	if v.Kind() != reflect.Struct {
		return nil
	}
	var all []Parameter
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		all = append(all, Parameter{Name: name, Default: written(v.Field(i)), Description: properties[name].Description})
	}
	return all
}

// written is a value as files write it, "" for one that is not set.
func written(v reflect.Value) string {
	if v.IsZero() {
		return ""
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case fmt.Stringer:
		return x.String()
	}
	return fmt.Sprint(v.Interface())
}
