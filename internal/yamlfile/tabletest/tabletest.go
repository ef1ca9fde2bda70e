// Package tabletest tests tables of types: package yamlfile can only find out about a table what a file happens to use.
package tabletest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/yamlfile"
)

// Agree fails a test where a table of types and the Go type that File.Decode fills differ: a field that only one of them
// has, or that cannot hold what the other allows. Except names fields, like .plan.steps, that are meant to differ.
func Agree(t testing.TB, table *yamlfile.Object, with reflect.Type, except ...string) {
	t.Helper()
	for _, difference := range disagree(table, with, "") {
		path, _, _ := strings.Cut(difference, " ")
		if !slices.Contains(except, path) {
			t.Error(difference)
		}
	}
}

func disagree(table *yamlfile.Object, with reflect.Type, path string) []string {
	with = pointed(with)
	if with.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("%s is an object in the table and a %s in Go", path, with)}
	}
	var all []string
	inGo := map[string]reflect.Type{}
	for i := range with.NumField() {
		name, _, _ := strings.Cut(with.Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		inGo[name] = with.Field(i).Type
	}
	for _, field := range table.Fields {
		here := path + "." + field.Name
		t, ok := inGo[field.Name]
		delete(inGo, field.Name)
		if !ok {
			all = append(all, fmt.Sprintf("%s is in the table only", here))
			continue
		}
		all = append(all, differ(field.Type, t, here)...)
	}
	for name := range inGo {
		all = append(all, fmt.Sprintf("%s is in Go only", path+"."+name))
	}
	return all
}

func differ(in yamlfile.Type, with reflect.Type, path string) []string {
	with = pointed(with)
	ok := true
	switch in := in.(type) {
	case *yamlfile.Object:
		return disagree(in, with, path)
	case *yamlfile.List:
		if with.Kind() == reflect.Slice {
			return differ(in.Of, with.Elem(), path+"[]")
		}
		ok = false
	case *yamlfile.Map:
		if with.Kind() == reflect.Map {
			return differ(in.Of, with.Elem(), path+".KEY")
		}
		ok = false
	case *yamlfile.Text:
		ok = with.Kind() == reflect.String || reflect.PointerTo(with).Implements(reflect.TypeFor[interface{ UnmarshalJSON([]byte) error }]())
	case *yamlfile.Number:
		ok = with.Kind() == reflect.Float64 || in.Whole && (with.Kind() == reflect.Int || with.Kind() == reflect.Int64)
	case yamlfile.Flag:
		ok = with.Kind() == reflect.Bool
	}
	if !ok {
		return []string{fmt.Sprintf("%s is a %T in the table and a %s in Go", path, in, with)}
	}
	return nil
}

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
