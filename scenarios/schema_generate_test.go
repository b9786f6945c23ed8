package scenarios

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/internal/yamlschema"
)

// generator generates the JSON Schema of scenario files from the structs that hold them.
type generator struct {
	yamlschema.Generator

	// definitions are what other parts refer to.
	definitions map[string]*jsonschema.Schema
}

// generate returns the schema as the file stores it.
func generate(t *testing.T) []byte {
	t.Helper()
	comments, err := yamlschema.Comments(".", "../fakeprovider", "../fakeprovider/fault", "../assertions")
	if err != nil {
		t.Fatal(err)
	}
	g := generator{definitions: map[string]*jsonschema.Schema{}}
	g.Generator = yamlschema.Generator{
		Comments: comments,
		Known:    func(of reflect.Type) *jsonschema.Schema { return g.known(of) },
		Words:    func(of reflect.Type) map[string][]string { return shipped().words(reflect.Zero(of).Interface()) },
	}
	schema := g.Of(reflect.TypeFor[document]())
	schema.Title = "chaosrun scenario"
	schema.Description = "One situation: a chain of providers, the calls made of an engine, and what must hold."
	schema.Required = []string{"scenario", "providers", "expect"}
	schema.Properties["limits"] = g.limits(schema.Properties["limits"].Description)
	maps.Copy(g.definitions, map[string]*jsonschema.Schema{
		"entry": g.entry(), "fault": g.fault(false), "step": g.step(), "expectation": g.expectation(),
	})
	for _, info := range fault.All() {
		s := g.Object(reflect.TypeOf(info.Default))
		s.Description = info.Title + ". " + info.Why
		g.definitions[faultDefinition+info.Name] = s
	}
	schema.Definitions = g.definitions
	data, err := yamlschema.File(schema)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// known returns the schema of a type that decodes itself, or nil.
func (g generator) known(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[fakeprovider.Ending]():
		return yamlschema.OneOf(fakeprovider.EndingNames())
	case reflect.TypeFor[fakeprovider.Window]():
		return &jsonschema.Schema{Type: "array", MaxItems: new(2), Items: g.Of(reflect.TypeFor[time.Duration]())}
	case reflect.TypeFor[unreached]():
		return yamlschema.OneOf(unreachedWords())
	case reflect.TypeFor[onRequest]():
		return &jsonschema.Schema{Type: "array", MinItems: new(1), Items: ref("entry")}
	case reflect.TypeFor[expects]():
		return &jsonschema.Schema{Type: "array", MinItems: new(1), Items: ref("expectation")}
	case reflect.TypeFor[fakeprovider.Script]():
		return &jsonschema.Schema{Type: "array", Items: ref("step")}
	case reflect.TypeFor[callNode]():
		return g.Object(reflect.TypeFor[Call]())
	case reflect.TypeFor[outageNode]():
		return g.beside(g.fault(true), g.Object(reflect.TypeFor[Outage]()))
	case reflect.TypeFor[providerNode]():
		s := g.Object(t)
		s.Required = []string{"name", "on_request"}
		s.Properties["name"] = &jsonschema.Schema{
			Type: "string", Pattern: hostLabel.String(), Description: s.Properties["name"].Description,
		}
		protocols := yamlschema.OneOf(shipped().ProtocolNames())
		protocols.Description = s.Properties["protocol"].Description
		s.Properties["protocol"] = protocols
		return s
	}
	return nil
}

func (g generator) limits(description string) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Description: description,
		Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: yamlschema.Never(),
	}
	for _, measure := range shipped().Measures() {
		s.Properties[measure] = g.Of(reflect.TypeFor[time.Duration]())
	}
	return s
}

// entry returns the schema of an on_request entry.
func (g generator) entry() *jsonschema.Schema {
	fault := g.fault(true)
	limited := g.beside(fault, g.Object(reflect.TypeFor[fakeprovider.Limit]()))
	return &jsonschema.Schema{Description: fault.Description, AnyOf: []*jsonschema.Schema{fault.AnyOf[0], limited}}
}

// beside returns the schema of one fault as a key, with other keys beside it.
func (g generator) beside(fault, others *jsonschema.Schema) *jsonschema.Schema {
	s := *fault.AnyOf[1]
	s.Description = others.Description
	s.Properties = maps.Clone(s.Properties)
	maps.Copy(s.Properties, others.Properties)
	s.MaxProperties = new(1 + len(others.Properties))
	return &s
}

// fault returns the schema of a fault by name. It includes scripts and several faults together
// only if whole is set.
func (g generator) fault(whole bool) *jsonschema.Schema {
	properties := map[string]*jsonschema.Schema{}
	for _, info := range fault.All() {
		properties[info.Name] = ref(faultDefinition + info.Name)
	}
	if !whole {
		return named("A fault by name, with or without parameters.", shipped().FaultNames(), properties)
	}
	properties[scriptKey] = g.Of(reflect.TypeFor[fakeprovider.Script]())
	properties[scriptKey].Description = "The steps of one request. Status 200 and the stream's headers are implied " +
		"unless respond comes first."
	properties[togetherKey] = &jsonschema.Schema{
		Type: "array", MinItems: new(2), Items: ref("fault"),
		Description: "Several faults at once: what damages a response, over the one that is a response of its own, " +
			"or over one that is all right.",
	}
	return named("A fault by name, with or without parameters, a script, or several faults together.",
		shipped().FaultNames(), properties)
}

func (g generator) step() *jsonschema.Schema {
	var alone []string
	properties := map[string]*jsonschema.Schema{}
	for _, v := range verbs() {
		t := reflect.TypeOf(v.Step)
		validator, can := v.Step.(fakeprovider.Validator)
		if v.Bare || !v.Needs && (!can || validator.Validate() == nil) {
			alone = append(alone, v.Name)
		}
		if v.Bare {
			continue
		}
		s := g.Object(t)
		if v.Main != "" {
			short := *s.Properties[v.Main]
			short.Description = ""
			s = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{&short, s}, Description: g.Comments[t.String()]}
		}
		properties[v.Name] = s
	}
	slices.Sort(alone)
	return named("One thing that a provider does.", alone, properties)
}

func (g generator) expectation() *jsonschema.Schema {
	var alone []string
	properties := map[string]*jsonschema.Schema{}
	for _, e := range assertions.All() {
		t := reflect.TypeOf(e)
		validator, can := e.(fakeprovider.Validator)
		if !can || validator.Validate() == nil {
			alone = append(alone, e.Name())
		}
		s := g.Of(t) // a limited expectation has no arguments in files
		s.Description = g.Comments[t.String()]
		if s.Properties == nil {
			s.Properties = map[string]*jsonschema.Schema{}
		}
		s.Properties[advisoryKey] = &jsonschema.Schema{
			Type: "boolean", Description: g.Comments["scenarios.Expect.Advisory"],
		}
		properties[e.Name()] = ref(expectationDefinition + e.Name())
		g.definitions[expectationDefinition+e.Name()] = s
	}
	return named("One thing that must hold.", alone, properties)
}

// named returns the schema of a bare word, or of one key with its arguments.
func named(description string, alone []string, properties map[string]*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{
		yamlschema.OneOf(alone),
		{
			Type: "object", Properties: properties, AdditionalProperties: yamlschema.Never(),
			MinProperties: new(1), MaxProperties: new(1),
		},
	}}
}

func ref(definition string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/definitions/" + definition}
}
