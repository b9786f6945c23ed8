package scenarios

import (
	"bytes"
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

// Schema returns the JSON Schema of scenario files, for editors. The caller may change the bytes.
func Schema() []byte { return bytes.Clone(schemaText) }

// A Parameter describes one parameter of a fault or an expectation.
type Parameter struct {
	// Name is the key in files. Default is the default as files write it, or "" if there is none.
	Name, Default string
	// Description explains the parameter, its unit and the origin of its default.
	Description string
}

// described returns the parts of the schema that document faults and expectations.
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
		panic(err) // the tests of this package make sure that the file is valid
	}
	return schema
})

// FaultParameters returns the parameters of a fault, in field order.
func FaultParameters(fault fakeprovider.Info) []Parameter {
	return parametersOf(faultDefinition+fault.Name, fault.Default)
}

// ExpectationParameters returns the parameters of an expectation, in field order.
func ExpectationParameters(e assertions.Expectation) []Parameter {
	return parametersOf(expectationDefinition+e.Name(), e)
}

// Prefixes of the schema definitions of faults and expectations. The name of the fault or
// expectation follows.
const (
	faultDefinition       = "fault-"
	expectationDefinition = "expect-"
)

// parametersOf reads names and defaults from the fields of defaults, and descriptions from the
// schema.
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
		all = append(all, Parameter{
			Name: name, Default: written(v.Field(i)), Description: properties[name].Description,
		})
	}
	return all
}

// written formats a value as files write it. It returns "" for an unset value.
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
