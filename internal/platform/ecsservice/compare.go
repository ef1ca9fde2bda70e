package ecsservice

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// tree returns a registration, without its tags, in a form in which equal means the same workload: lists of named
// things become maps by their names, and what is empty is left out. It is what JSON would make of it.
func tree(in *ecs.RegisterTaskDefinitionInput) any {
	bare := *in
	bare.Tags = nil
	return canonical(reflect.ValueOf(bare))
}

func canonical(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return canonical(v.Elem())
	case reflect.Struct:
		return members(v)
	case reflect.Map:
		values := make(map[string]any, v.Len())
		for at := v.MapRange(); at.Next(); {
			put(values, at.Key().String(), canonical(at.Value()))
		}
		return values
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = canonical(v.Index(i))
		}
		return byName(list)
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return float64(v.Int())
	default:
		panic("ecsservice: a registration holds a " + v.Type().String()) // the test of Registration fills every field
	}
}

// members are the fields of a structure that say something: most fields of a registration do not.
func members(v reflect.Value) any {
	fields := map[string]any{}
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() && v.Type().Field(i).IsExported() {
			put(fields, v.Type().Field(i).Name, canonical(f))
		}
	}
	return fields
}

func put(into map[string]any, key string, value any) {
	if !isEmpty(value) {
		into[key] = value
	}
}

// byName turns a list of objects with distinct names into a map; any other list stays a list.
func byName(list []any) any {
	members := map[string]any{}
	for _, item := range list {
		object, _ := item.(map[string]any)
		name, ok := object["Name"].(string)
		if _, twice := members[name]; !ok || twice {
			return list
		}
		members[name] = object
	}
	return members
}

func isEmpty(node any) bool {
	switch node := node.(type) {
	case nil:
		return true
	case string:
		return node == ""
	case []any:
		return len(node) == 0
	case map[string]any:
		return len(node) == 0
	}
	return false
}

// names are the two services' names: what makes a difference between their definitions plausible.
type names struct{ primary, canary string }

// differences returns the places, by name, where the canary's registration differs from the primary's without an
// explanation. It never returns a value: values may be secrets.
func differences(primary, canary any, own names) []string {
	var found []string
	walk("", primary, canary, own, &found)
	slices.Sort(found)
	return found
}

func walk(path string, primary, canary any, own names, found *[]string) {
	if reflect.DeepEqual(primary, canary) || explained(path, primary, canary, own) {
		return
	}
	p, pMap := primary.(map[string]any)
	c, cMap := canary.(map[string]any)
	if pMap && cMap {
		for _, key := range slices.Sorted(maps.Keys(union(p, c))) {
			walk(join(path, key), p[key], c[key], own, found)
		}
		return
	}
	pl, pList := primary.([]any)
	cl, cList := canary.([]any)
	if pList && cList && len(pl) == len(cl) {
		for i := range pl {
			walk(fmt.Sprintf("%s[%d]", path, i), pl[i], cl[i], own, found)
		}
		return
	}
	*found = append(*found, strings.TrimSuffix(path, ".value"))
}

// explained says whether two services that do the same work may differ here: in the family, in where they log, and
// where each names itself. Both must do the latter, or a queue's address in one of them would explain anything.
func explained(path string, primary, canary any, own names) bool {
	if path == "family" || strings.HasSuffix(path, ".logConfiguration.options.awslogs-group") || strings.HasSuffix(path, ".logConfiguration.options.awslogs-stream-prefix") {
		return true
	}
	p, pText := primary.(string)
	c, cText := canary.(string)
	return pText && cText && strings.Contains(p, own.primary) && strings.Contains(c, own.canary)
}

func union(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// named are the fields whose members carry names that the user gave; all others are fields of ECS.
var named = []string{
	"containerDefinitions", "environment", "secrets", "volumes", "options", "secretOptions", "dockerLabels", "ulimits", "portMappings",
}

// join writes paths as the console and the CLI do, in lower camel case, and leaves the user's own names as they are.
func join(path, key string) string {
	parent := path[strings.LastIndex(path, ".")+1:]
	if !slices.Contains(named, parent) && key != "" {
		key = strings.ToLower(key[:1]) + key[1:]
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
