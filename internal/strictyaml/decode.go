package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A Decoder reads itself from a node, and reports what is wrong with it there.
type Decoder interface {
	DecodeYAML(n *Node)
}

// Decode reads the node into the value that v points to, and reports each problem at its node. It
// returns whether there was none. It panics if v is not a pointer, or contains an unsupported type.
//
// Structs take their fields from `yaml:"name"` tags; fields without a tag are ignored. A missing
// key leaves its field unchanged, so set defaults before. An unknown key is a problem with a
// suggestion. Pointers are allocated, and lists and maps replaced. Durations are written "45s" or
// "5m1s". A [Decoder] reads itself and an encoding.TextUnmarshaler its text, unless the node
// already has a problem. A list type that is a TextUnmarshaler takes a list, or one text.
func (n *Node) Decode(v any) bool {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		panic(fmt.Sprintf("strictyaml: decode into %T, which is no pointer", v))
	}
	before := n.doc.src.reports
	n.decode(target.Elem())
	return n.doc.src.reports == before
}

// DecodeField reads the node into one field of the struct that v points to, the one with the tag
// name. It is for short forms that mean a mapping with that key alone. It panics as [Node.Decode]
// does, and if there is no such field.
func (n *Node) DecodeField(v any, name string) bool {
	target := reflect.ValueOf(v).Elem()
	index, _ := fieldsOf(target.Type())
	i, ok := index[name]
	if !ok {
		panic(fmt.Sprintf("strictyaml: %T has no field %q", v, name))
	}
	return n.Decode(target.Field(i).Addr().Interface())
}

func (n *Node) decode(v reflect.Value) {
	if n.decodeItself(v) {
		return
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		set(n.Duration())(func(d time.Duration) { v.SetInt(int64(d)) })
		return
	}
	switch v.Kind() { //nolint:exhaustive // the default panics
	case reflect.Struct:
		n.decodeStruct(v)
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			fresh.Elem().Set(v.Elem())
		}
		n.decode(fresh.Elem())
		v.Set(fresh)
	case reflect.Slice:
		n.decodeSlice(v)
	case reflect.Map:
		n.decodeMap(v)
	case reflect.String:
		set(n.String())(v.SetString)
	case reflect.Bool:
		set(n.Bool())(v.SetBool)
	case reflect.Float32, reflect.Float64:
		set(n.Float())(v.SetFloat)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		set(n.Int())(func(i int) { n.setInt(v, int64(i)) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		set(n.Int())(func(i int) { n.setUint(v, int64(i)) })
	default:
		panic(fmt.Sprintf("strictyaml: decode into a %s", v.Type()))
	}
}

// set passes a value on if there is one.
func set[T any](value T, ok bool) func(use func(T)) {
	return func(use func(T)) {
		if ok {
			use(value)
		}
	}
}

func (n *Node) setInt(v reflect.Value, i int64) {
	if v.OverflowInt(i) {
		n.Report("%d does not fit here", i)
		return
	}
	v.SetInt(i)
}

func (n *Node) setUint(v reflect.Value, i int64) {
	if i < 0 {
		n.expected("a whole number from 0 up")
		return
	}
	if v.OverflowUint(uint64(i)) {
		n.Report("%d does not fit here", i)
		return
	}
	v.SetUint(uint64(i))
}

// decodeItself lets a type read itself, and says whether it did.
func (n *Node) decodeItself(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer || !v.CanAddr() {
		return false
	}
	switch self := v.Addr().Interface().(type) {
	case Decoder:
		self.DecodeYAML(n)
	case encoding.TextUnmarshaler:
		if v.Kind() == reflect.Slice && n.kind == Sequence {
			return false
		}
		if n.reported {
			return true // its own error would only say the same in other words
		}
		set(n.String())(func(text string) {
			if err := self.UnmarshalText([]byte(text)); err != nil {
				n.Report("%v", err)
			}
		})
	default:
		return false
	}
	return true
}

func (n *Node) decodeStruct(v reflect.Value) {
	if n.kind != Mapping {
		n.expected("a mapping")
		return
	}
	index, names := fieldsOf(v.Type())
	for _, f := range n.fields {
		i, known := index[f.Name]
		if !known {
			f.Key.ReportUnknown("key", f.Name, names)
			continue
		}
		f.Value.decode(v.Field(i))
	}
}

func (n *Node) decodeSlice(v reflect.Value) {
	if n.kind != Sequence {
		n.expected("a list")
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		item.decode(list.Index(i))
	}
	v.Set(list)
}

func (n *Node) decodeMap(v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		panic(fmt.Sprintf("strictyaml: decode into a %s: keys have to be strings", v.Type()))
	}
	if n.kind != Mapping {
		n.expected("a mapping")
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.fields))
	for _, f := range n.fields {
		value := reflect.New(v.Type().Elem()).Elem()
		f.Value.decode(value)
		m.SetMapIndex(reflect.ValueOf(f.Name).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}

// fieldsOf returns the fields of a struct that files may set, by name and in order.
func fieldsOf(t reflect.Type) (index map[string]int, names []string) {
	index = make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" || !t.Field(i).IsExported() {
			continue
		}
		index[name] = i
		names = append(names, name)
	}
	return index, names
}

// Keys returns the names that a file may use for the fields of a struct, in their order. It panics
// if v is neither a struct nor a pointer to one.
func Keys(v any) []string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, names := fieldsOf(t)
	return names
}
